import { createEffect, createMemo, on } from 'solid-js';
import { labelText } from '../format/labels.ts';
import { preferences } from '../format/preferences.ts';
import { sessionsNow } from '../store/live.ts';
import { createClock, useServices } from '../store/services.ts';
import { notifier as texts } from '../texts/shell.ts';

const EVERY_MS = 1000;

/** Tells when a session that worked begins to wait for its user, where that is wanted. */
export function Notifier() {
  const { live, now } = useServices();
  const time = createClock(now, EVERY_MS);
  const wanted = () => preferences().notify || preferences().sound;
  const waiting = createMemo(() => (wanted() ? waitingNow(sessionsNow(live.state(), time())) : new Map<string, string>()));
  createEffect(
    on(waiting, (after, before) => {
      // What waited already when the page was opened is no news.
      if (!before || live.connection() !== 'open') return;
      for (const [id, project] of after) if (!before.has(id)) tell(labelText('project', project));
    }),
  );
  return null;
}

function waitingNow(rows: ReturnType<typeof sessionsNow>): Map<string, string> {
  return new Map(rows.filter((row) => row.state === 'waiting').map((row) => [row.session.id, row.session.project]));
}

function tell(project: string): void {
  if (preferences().sound) beep();
  if (preferences().notify && 'Notification' in window && Notification.permission === 'granted')
    new Notification(texts.waits(project), { tag: `ccmeter ${project}`, icon: '/favicon.svg' });
}

const BEEP_SECONDS = 0.25;

/** Two short tones, made here so that no file is needed. */
export function beep(): void {
  const audio = new AudioContext();
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0.08, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + BEEP_SECONDS);
  gain.connect(audio.destination);
  const tone = audio.createOscillator();
  tone.frequency.setValueAtTime(660, audio.currentTime);
  tone.frequency.setValueAtTime(880, audio.currentTime + BEEP_SECONDS / 2);
  tone.connect(gain);
  tone.start();
  tone.stop(audio.currentTime + BEEP_SECONDS);
  tone.addEventListener('ended', () => void audio.close());
}
