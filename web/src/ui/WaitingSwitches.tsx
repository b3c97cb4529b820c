import { createSignal, Show } from 'solid-js';
import { preferences, setPreferences } from '../format/preferences.ts';
import { live as texts } from '../texts/live.ts';
import { beep } from './Notifier.tsx';
import { Switch } from './Switch.tsx';

/** Whether and how one is told that a session waits. */
export function WaitingSwitches() {
  const [refused, setRefused] = createSignal(false);
  async function notify(wanted: boolean): Promise<void> {
    if (!wanted) return setPreferences({ notify: false });
    const answer = 'Notification' in window ? await Notification.requestPermission() : 'denied';
    setRefused(answer !== 'granted');
    setPreferences({ notify: answer === 'granted' });
  }
  const sound = (wanted: boolean) => {
    setPreferences({ sound: wanted });
    if (wanted) beep();
  };
  return (
    <div class="waiting-switches">
      <p class="waiting-switch">
        {texts.notification}
        <Switch name={texts.notification} checked={preferences().notify} onChange={notify} />
      </p>
      <p class="waiting-switch">
        {texts.sound}
        <Switch name={texts.sound} checked={preferences().sound} onChange={sound} />
      </p>
      <Show when={refused()}>
        <p class="quiet">{texts.refused}</p>
      </Show>
    </div>
  );
}
