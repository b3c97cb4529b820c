import type { SyntaxNode, Tree } from '@lezer/common';
import { ApiError } from '../errors.ts';
import { matcher } from './build.ts';
import { readPromql } from './guard.ts';

/** Label values that somebody may see, by label: any of those listed, and all labels at once. Series without the label are not seen. */
export type Scope = Readonly<Record<string, readonly string[]>>;

/** One replacement in a text. */
interface Edit {
  from: number;
  to: number;
  text: string;
}

/**
 * The same query with the scope's matchers in every series selector, wherever it stands. Matchers of the query are kept: all have to fit, so
 * none can widen the scope. Everything that this grammar and that of Prometheus may read differently (comments, where they end, white
 * space outside ASCII) is taken out, so that both see the same selectors. Throws ApiError for what is not PromQL.
 */
export function enforce(query: string, scope: Scope): string {
  const { tree, objection } = readPromql(query);
  if (tree === undefined) throw new ApiError(400, 'invalid_parameter', `query: ${objection}`);
  const matchers = matchersOf(scope);
  return apply(query, [...plainTextEdits(query, tree), ...matcherEdits(query, tree, matchers)]);
}

/** A selector for everything in scope. */
export function everythingIn(scope: Scope): string {
  return `{${matchersOf(scope)}}`;
}

function matchersOf(scope: Scope): string {
  const parts = Object.entries(scope).map(([label, values]) => {
    if (!/^[a-zA-Z_]\w*$/.test(label) || values.length === 0 || values.includes('')) throw new Error(`not a scope: ${label}`);
    return matcher(label, values);
  });
  if (parts.length === 0) throw new Error('a scope without labels would let everything through');
  return parts.join(',');
}

function matcherEdits(query: string, tree: Tree, matchers: string): Edit[] {
  const selectors: Edit[] = [];
  const infos: Edit[] = [];
  tree.iterate({
    enter(node) {
      if (node.name === 'VectorSelector') selectors.push(selectorEdit(query, node.node, matchers));
      if (node.name === 'FunctionCall') infos.push(...infoEdits(query, node.node, matchers));
    },
  });
  // At the same place, the end of an argument comes before the next argument.
  return [...selectors, ...infos];
}

function selectorEdit(query: string, selector: SyntaxNode, matchers: string): Edit {
  const braces = selector.getChild('LabelMatchers');
  if (braces === null) return insert(selector.to, `{${matchers}}`);
  const open = query.indexOf('{', braces.from) + 1;
  return insert(open, braces.firstChild === null ? matchers : `${matchers},`);
}

/** `info(x)` looks for `target_info` by itself; a second argument, here or already there, says which of it counts. */
function infoEdits(query: string, call: SyntaxNode, matchers: string): Edit[] {
  const name = call.getChild('FunctionIdentifier');
  const body = call.getChild('FunctionCallBody');
  if (name === null || body === null || query.slice(name.from, name.to).toLowerCase() !== 'info') return [];
  return body.getChildren('Expr').length === 1 ? [insert(body.to - 1, `, {${matchers}}`)] : [];
}

/** What stands outside of strings becomes visible ASCII and single spaces. */
function plainTextEdits(query: string, tree: Tree): Edit[] {
  const edits: Edit[] = [];
  let from = 0;
  const plain = (to: number) => {
    for (const found of query.slice(from, to).matchAll(/[^\x21-\x7e]+/g)) {
      edits.push({ from: from + found.index, to: from + found.index + found[0].length, text: ' ' });
    }
  };
  tree.iterate({
    enter(node) {
      if (node.name !== 'StringLiteral' && node.name !== 'LineComment') return;
      plain(node.from);
      if (node.name === 'LineComment') edits.push({ from: node.from, to: node.to, text: ' ' });
      from = node.to;
    },
  });
  plain(query.length);
  return edits;
}

function insert(at: number, text: string): Edit {
  return { from: at, to: at, text };
}

function apply(query: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  // An insertion comes before a replacement at the same place: a selector ends where white space begins.
  for (const edit of edits.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    result += query.slice(at, edit.from) + edit.text;
    at = edit.to;
  }
  return result + query.slice(at);
}
