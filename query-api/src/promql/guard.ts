import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** Longest PromQL taken from outside, in characters: far above what people and dashboards write, far below what hurts a parser. */
export const MAX_QUERY_CHARACTERS = 10_000;

/** Prometheus refuses more points per series itself; saying so first names the parameter (web/api/v1/api.go, "exceeded maximum resolution"). */
export const MAX_POINTS = 11_000;

/** Deepest nesting of the syntax tree; a hand-written query has under 30. */
const MAX_DEPTH = 200;

/** Most series selectors in one query: each is a search of its own for Prometheus. */
const MAX_SELECTORS = 100;

/** Most evaluations that the subqueries around one expression ask for, multiplied: a week by the minute has 10,080. */
const MAX_SUBQUERY_POINTS = 100_000;

/** What Prometheus takes where a subquery names no step (`global.evaluation_interval`). */
const DEFAULT_SUBQUERY_STEP_SECONDS = 60;

/** PromQL that passed, or why it is not passed on: a sentence that begins with `line:column`, as those of Prometheus do. */
export type Reading = { tree: Tree; objection?: never } | { tree?: never; objection: string };

/** Why a query from outside is not passed on, or undefined if it is fine. */
export function objectionTo(query: string): string | undefined {
  return readPromql(query).objection;
}

/** Reads PromQL from outside by the official grammar, within limits. */
export function readPromql(query: string): Reading {
  if (query.trim() === '') return { objection: 'wants a PromQL expression' };
  if (query.length > MAX_QUERY_CHARACTERS)
    return { objection: `is ${query.length} characters long, at most ${MAX_QUERY_CHARACTERS} are taken` };
  const tree = parse(query);
  if (typeof tree === 'number') return { objection: `${placeOf(query, tree)}: parse error: unexpected ${wordAt(query, tree)}` };
  const objection = objectionToTree(query, tree);
  return objection === undefined ? { tree } : { objection };
}

/** Recovering from errors, as editors want it, takes half a second for ten thousand braces; this ends at the first one. */
const strict = parser.configure({ strict: true });

/** The syntax tree, or where it does not go on. */
function parse(query: string): Tree | number {
  try {
    return strict.parse(query);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return Number(/No parse at (\d+)/.exec(error.message)?.[1] ?? 0);
  }
}

function objectionToTree(query: string, tree: Tree): string | undefined {
  let objection: string | undefined;
  let depth = 0;
  let selectors = 0;
  const object = (at: number, what: string) => {
    objection ??= `${placeOf(query, at)}: ${what}`;
  };
  tree.iterate({
    enter(node) {
      depth += 1;
      if (depth > MAX_DEPTH) object(node.from, `is nested deeper than ${MAX_DEPTH} levels`);
      if (node.name === 'StringLiteral' && !isString(query.slice(node.from, node.to)))
        object(node.from, 'parse error: not a string literal');
      if (node.name === 'VectorSelector' && ++selectors > MAX_SELECTORS) object(node.from, `has more than ${MAX_SELECTORS} selectors`);
      if (node.name === 'SubqueryExpr') {
        const wrong = objectionToSubquery(query, node.node);
        if (wrong !== undefined) object(node.from, wrong);
      }
      return objection === undefined;
    },
    leave() {
      depth -= 1;
    },
  });
  return objection;
}

/** As `1:5`: line and column, both from 1. */
function placeOf(query: string, at: number): string {
  const before = query.slice(0, at).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

function wordAt(query: string, at: number): string {
  const [word] = /^\s*(?:[\w:]{1,40}|\S)/.exec(query.slice(at)) ?? [];
  return word === undefined ? 'end of input' : JSON.stringify(word.trim());
}

// What Prometheus itself takes for a string (promql/parser/lex.go, lexString, lexEscape, lexRawString). The grammar here is more lenient: a
// literal may lack its end, so that what follows would be text for one parser and a selector for the other.
const ESCAPE = String.raw`[abfnrtv\\]|[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}`;
const STRING = new RegExp(`^(?:"(?:[^"\\\\\\n]|\\\\(?:"|${ESCAPE}))*"|'(?:[^'\\\\\\n]|\\\\(?:'|${ESCAPE}))*'|\`[^\`]*\`)$`);

function isString(literal: string): boolean {
  return STRING.test(literal);
}

function objectionToSubquery(query: string, node: SyntaxNode): string | undefined {
  let points = 1;
  for (let outer: SyntaxNode | null = node; outer !== null; outer = outer.parent) {
    if (outer.name !== 'SubqueryExpr') continue;
    const [range, step] = outer.getChildren('DurationExpr').map((child) => readDuration(query.slice(child.from, child.to)));
    const seconds = step ?? DEFAULT_SUBQUERY_STEP_SECONDS;
    if (range === undefined || !(range >= 0) || !(seconds > 0)) return 'wants plain durations such as 1h in a subquery';
    points *= Math.max(1, range / seconds);
  }
  return points > MAX_SUBQUERY_POINTS
    ? `its subqueries ask for ${Math.ceil(points)} points, at most ${MAX_SUBQUERY_POINTS} are given`
    : undefined;
}

const DURATION = /^(?:(\d{1,9})y)?(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,12})ms)?$/;
const DURATION_SECONDS = [365 * 86_400, 7 * 86_400, 86_400, 3600, 60, 1, 0.001];

/** Seconds, from a number of them or from a duration of PromQL such as 1h30m; NaN for anything else. */
export function readDuration(text: string): number {
  if (/^[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,3})?$/.test(text)) return Number(text);
  const parts = text === '' ? [] : (DURATION.exec(text)?.slice(1) ?? []);
  return parts.length === 0 ? Number.NaN : parts.reduce((sum, part, index) => sum + Number(part ?? 0) * (DURATION_SECONDS[index] ?? 0), 0);
}
