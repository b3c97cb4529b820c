import { isEmpty, loadOverview } from '../../store/overview.ts';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Full } from './Full.tsx';
import { Loading } from './Loading.tsx';

/** What was used over a range: totals, how they changed, over time, by project and model. */
export function Overview() {
  return (
    <NumbersView
      name="Overview"
      question={(state) => ({ range: state.range, filters: state.filters, costBy: state.costBy, tokensBy: state.tokensBy })}
      load={loadOverview}
      isEmpty={isEmpty}
      nothing="Nothing was used in this time"
      loading={<Loading />}
    >
      {({ numbers, state, change }) => (
        <Full
          overview={numbers()}
          state={state()}
          onChange={change}
          onProject={(project) => change({ filters: { ...state().filters, project: [project] } })}
        />
      )}
    </NumbersView>
  );
}
