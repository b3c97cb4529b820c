import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addedOver, aggregate, quote, selector } from './build.ts';

test.each([
  [{}, 'ccmeter_requests_total'],
  [{ model: ['opus'] }, 'ccmeter_requests_total{model="opus"}'],
  [{ model: [] }, 'ccmeter_requests_total'],
  [{ model: ['a.b', 'c'] }, 'ccmeter_requests_total{model=~"a\\\\.b|c"}'],
  [{ project: [''], model: ['x'] }, 'ccmeter_requests_total{project="",model="x"}'],
])('selects %j', (matchers, text) => {
  expect(selector('ccmeter_requests_total', matchers).text).toBe(text);
});

test.each([
  ['a"b', '"a\\"b"'],
  ['a\\', '"a\\\\"'],
  ['a\nb\r\0', '"a\\u000ab\\u000d\\u0000"'],
  ['\ufffd', '"\\ufffd"'],
  ['\ud800', '"\\ufffd"'],
  ['ünï 😀', '"ünï 😀"'],
])('quotes %j', (text, literal) => {
  expect(quote(text)).toBe(literal);
});

test('asks for what was added, exactly', () => {
  const series = selector('ccmeter_tokens_total', { model: ['opus'] });
  expect(aggregate('sum', ['project'], addedOver(series, 60))).toBe(
    'sum by (project) (max_over_time(ccmeter_tokens_total{model="opus"}[60s]) - min_over_time(ccmeter_tokens_total{model="opus"}[60s]))',
  );
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      '\\',
      '{',
      '}',
      ',',
      '=',
      '~',
      '|',
      '.',
      '*',
      '(',
      ')',
      '[',
      ']',
      '^',
      '$',
      '#',
      '\n',
      "'",
      '`',
      'n',
      'u',
      'a',
      '\ufffd',
      '\ud800',
    ),
  }),
);
const labelled = fc.dictionary(
  fc.constantFrom('host', 'project', 'model', 'agent', 'kind'),
  fc.array(hostile, { minLength: 1, maxLength: 3 }),
);

test('the parsed query has exactly the intended matchers, whatever the label values', () => {
  fc.assert(
    fc.property(labelled, (matchers) => {
      const query = aggregate('sum', ['model'], addedOver(selector('ccmeter_tokens_total', matchers), 60));
      const intended = Object.entries(matchers).map(([label, values]) => ({ label, values: values.map((value) => value.toWellFormed()) }));
      const found = matchersIn(query);
      // Once in max_over_time, once in min_over_time.
      expect(found).toHaveLength(intended.length * 2);
      for (const [index, { label, operator, text }] of found.entries()) {
        const want = intended[index % intended.length];
        expect(label).toBe(want?.label);
        expect(operator === '=' ? [text] : alternativesIn(text)).toEqual(want?.values);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a regular expression of several values matches these alone', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 2, maxLength: 3 }), hostile, (values, other) => {
      const [found] = matchersIn(selector('ccmeter_tokens_total', { model: values }).text);
      const pattern = new RegExp(`^(?:${found?.text})$`, 's');
      const wellFormed = values.map((value) => value.toWellFormed());
      for (const value of wellFormed) expect(pattern.test(value)).toBe(true);
      expect(pattern.test(other.toWellFormed())).toBe(wellFormed.includes(other.toWellFormed()));
    }),
    { numRuns: 1000 },
  );
});

interface Found {
  label: string;
  operator: string;
  text: string;
}

/** The label matchers that the official grammar sees; throws on anything that is not PromQL. */
function matchersIn(query: string): Found[] {
  const found: Found[] = [];
  parser.parse(query).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`not PromQL at ${node.from}: ${query}`);
      if (node.name !== 'UnquotedLabelMatcher') return;
      const textOf = (name: string) => {
        const child = node.node.getChild(name);
        return query.slice(child?.from, child?.to);
      };
      found.push({ label: textOf('LabelName'), operator: textOf('MatchOp'), text: unquote(textOf('StringLiteral')) });
    },
  });
  return found;
}

/** What a string literal of PromQL means, for the escapes that are used. */
function unquote(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-f]{4})|(.))/gs, (_, code: string | undefined, character: string) =>
      code === undefined ? character : String.fromCharCode(Number.parseInt(code, 16)),
    );
}

/** The literal texts between the bars of a regular expression in which everything else is escaped. */
function alternativesIn(pattern: string): string[] {
  return pattern.split(/(?<=(?:^|[^\\])(?:\\\\)*)\|/).map((part) => part.replace(/\\(.)/gs, '$1'));
}
