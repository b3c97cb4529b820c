import { syntaxTree } from '@codemirror/language';
import { type EditorState, type Extension, StateField } from '@codemirror/state';
import { showTooltip, type Tooltip } from '@codemirror/view';
import type { SyntaxNode } from '@lezer/common';
import { functionIdentifierTerms } from '@prometheus-io/codemirror-promql/dist/esm/complete/promql.terms.js';
import { getFunction } from '@prometheus-io/codemirror-promql/dist/esm/types/function.js';
import { signatureText } from '../../store/signature.ts';

/** Says above the line what the function takes in whose brackets the cursor is. */
export const signatures: Extension = StateField.define<readonly Tooltip[]>({
  create: tooltipsAt,
  update: (tooltips, transaction) => (transaction.docChanged || transaction.selection ? tooltipsAt(transaction.state) : tooltips),
  provide: (field) => showTooltip.computeN([field], (state) => state.field(field)),
});

function tooltipsAt(state: EditorState): readonly Tooltip[] {
  const { head, empty } = state.selection.main;
  const call = empty ? callAround(syntaxTree(state).resolveInner(head, -1), head) : null;
  const known = call?.getChild('FunctionIdentifier')?.firstChild?.type.id;
  if (!call || known === undefined) return [];
  const found = getFunction(known);
  if (!found) return [];
  const info = functionIdentifierTerms.find((term) => term.label === found.name)?.info ?? '';
  return [{ pos: call.from, above: true, arrow: false, create: () => ({ dom: tooltipOf(signatureText(found), String(info)) }) }];
}

/** The innermost call whose brackets hold the place. */
function callAround(node: SyntaxNode | null, at: number): SyntaxNode | null {
  for (let one = node; one; one = one.parent) {
    const body = one.name === 'FunctionCall' ? one.getChild('FunctionCallBody') : null;
    if (body && at > body.from && at <= body.to) return one;
  }
  return null;
}

function tooltipOf(signature: string, info: string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'cm-signature';
  const code = document.createElement('code');
  code.textContent = signature;
  const help = document.createElement('span');
  help.textContent = info;
  box.append(code, help);
  return box;
}
