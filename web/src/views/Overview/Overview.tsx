import { isEmpty, loadOverview } from '../../store/overview.ts';
import { overview as texts } from '../../texts/overview.ts';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { ViewLoading } from '../../ui/ViewLoading.tsx';
import { Full } from './Full.tsx';

/** What was used over a range: totals, how they changed, over time, by project and model. */
export function Overview() {
  return (
    <NumbersView
      name={texts.name}
      question={(state) => ({ range: state.range, filters: state.filters, costBy: state.costBy, tokensBy: state.tokensBy })}
      load={loadOverview}
      isEmpty={isEmpty}
      nothing={texts.nothing}
      loading={<ViewLoading totals={6} />}
    >
      {({ numbers, state, change }) => <Full overview={numbers()} state={state()} onChange={change} />}
    </NumbersView>
  );
}
