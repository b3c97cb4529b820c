import { SLOTS } from './colours.ts';
import type { ChartTheme } from './options/bars.ts';

/** Reads the colours of the style sheet as the canvas wants them. They are painted once, as that resolves every notation there is. */
export function readChartTheme(host: Element): ChartTheme {
  const probe = document.createElement('span');
  host.append(probe);
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const read = (name: string) => {
    probe.style.color = `var(${name})`;
    return paint(context, getComputedStyle(probe).color);
  };
  const theme = {
    text: read('--text-muted'),
    font: getComputedStyle(host).fontFamily,
    line: read('--line'),
    surface: read('--surface'),
    slots: Array.from({ length: SLOTS + 1 }, (_, slot) => read(`--slot-${slot}`)),
  };
  probe.remove();
  return theme;
}

function paint(context: CanvasRenderingContext2D | null, colour: string): string {
  if (!context) return colour;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}
