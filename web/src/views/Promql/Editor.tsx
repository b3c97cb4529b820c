import { metrics } from '@ccmeter/exporter/contract';
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { createEffect, onCleanup, onMount } from 'solid-js';
import type { Api } from '../../api/client.ts';
import { promql as texts } from '../../texts/promql.ts';
import { signatures } from './signature.ts';

/** An editor for PromQL that knows our metrics, their labels and the values of those. */
export function Editor(props: { api: Api; text: string; onText(text: string): void; onRun(): void }) {
  let host!: HTMLDivElement;
  onMount(() => {
    // In a shadow root the editor's styles are sheets made by script, which a strict Content-Security-Policy allows; in the document they
    // would be <style> elements, which it does not.
    const root = host.attachShadow({ mode: 'open' });
    const parent = document.createElement('div');
    root.append(parent);
    const language = new PromQLExtension().setComplete({ remote: catalogue(props.api) });
    const run = () => {
      props.onRun();
      return true;
    };
    const view = new EditorView({
      root,
      parent,
      state: EditorState.create({
        doc: props.text,
        extensions: [
          history(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
          placeholder(metrics.ccmeter_tokens_total.example),
          language.asExtension(),
          signatures,
          syntaxHighlighting(colours),
          look,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': texts.editor }),
          EditorView.updateListener.of((update) => update.docChanged && props.onText(update.state.doc.toString())),
        ],
      }),
    });
    createEffect(() => {
      const text = props.text;
      if (text !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    });
    onCleanup(() => {
      language.destroy();
      view.destroy();
    });
  });
  return <div class="promql-editor" ref={host} />;
}

/** Names and help from our catalogue; values of labels from Prometheus. */
function catalogue(api: Api) {
  const rows = Object.entries(metrics);
  const seriesOf = (name: string, kind: string) => (kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]);
  const names = rows.flatMap(([name, metric]) => seriesOf(name, metric.kind));
  const labelsOf = (name: string | undefined): string[] => {
    const found = rows.filter(([known]) => name === undefined || name === '' || name === known || name.startsWith(`${known}_`));
    const labels: string[] = found.flatMap(([, metric]) => [...metric.labels, ...(metric.kind === 'histogram' ? ['le'] : [])]);
    return [...new Set(labels)];
  };
  return {
    labelNames: async (name?: string) => labelsOf(name),
    labelValues: async (label: string) => {
      const values = await api.prometheus(`label/${encodeURIComponent(label)}/values`, {}).catch(() => []);
      return Array.isArray(values) ? values.map(String) : [];
    },
    metricMetadata: async () =>
      Object.fromEntries(
        rows.flatMap(([name, metric]) => seriesOf(name, metric.kind).map((one) => [one, [{ type: metric.kind, help: metric.help }]])),
      ),
    series: async () => [],
    metricNames: async () => names,
    flags: async () => ({}),
  };
}

const colours = HighlightStyle.define([
  { tag: tags.name, color: 'var(--text)' },
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--accent)', fontWeight: '600' },
  { tag: tags.function(tags.variableName), color: 'var(--accent)' },
  { tag: [tags.string, tags.labelName], color: 'var(--working)' },
  { tag: tags.number, color: 'var(--waiting)' },
  { tag: tags.comment, color: 'var(--text-faint)' },
]);

const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { fontFamily: 'var(--mono)', padding: '10px 0', caretColor: 'var(--text)', minHeight: '64px' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-placeholder': { color: 'var(--text-faint)' },
  '&.cm-focused .cm-selectionBackground, ::selection': { backgroundColor: 'var(--accent-soft)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
  '.cm-tooltip': {
    color: 'var(--text)',
    backgroundColor: 'var(--raised)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-small)',
    boxShadow: 'var(--shadow)',
  },
  '.cm-tooltip-autocomplete ul li': { fontFamily: 'var(--mono)', padding: '3px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { color: 'var(--text)', backgroundColor: 'var(--accent-soft)' },
  '.cm-signature': { display: 'grid', gap: '2px', maxWidth: '420px', padding: '6px 9px', fontSize: '12px' },
  '.cm-signature code': { fontFamily: 'var(--mono)' },
  '.cm-signature span': { color: 'var(--text-muted)' },
  '.cm-completionInfo': { maxWidth: '360px', padding: '8px', fontSize: '12px' },
  '.cm-completionDetail': { color: 'var(--text-muted)' },
});
