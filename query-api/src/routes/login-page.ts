/** The page that logs a browser in. It stands by itself: the dashboard is not needed to get to the dashboard. */
export function loginPage(providers: readonly ('oidc' | 'github')[]): string {
  const links = providers.map((id) => `<p><a class="button" href="/auth/with/${id}">${NAMES[id]}</a></p>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>ccmeter: log in</title>
<link rel="stylesheet" href="/auth/login.css"><script src="/auth/login.js" type="module"></script>
</head>
<body>
<main>
<h1>ccmeter</h1>
<p id="message" role="status"></p>
${links}
<form id="form">
<label for="code">Token or login code</label>
<input id="code" type="password" autocomplete="current-password" required>
<button>Log in</button>
</form>
<p class="note"><code>npm run api -- login</code> prints an address that logs you in once.</p>
</main>
</body>
</html>
`;
}

const NAMES = { oidc: 'Log in with your organization', github: 'Log in with GitHub' } as const;

/**
 * A code in the fragment never goes over the wire by itself and is in no log and no Referer: it is taken out of the address at once
 * and exchanged, once, for a cookie that no script can read.
 */
export const loginScript = `const message = document.getElementById('message');
const field = document.getElementById('code');

async function exchange(code) {
  message.textContent = 'Logging in …';
  const response = await fetch('/auth/exchange', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (response.ok) location.replace('/');
  else message.textContent = (await response.json()).error.message;
}

document.getElementById('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void exchange(field.value.trim());
});

const code = location.hash.slice(1);
if (code !== '') {
  history.replaceState(null, '', location.pathname);
  void exchange(code);
}
`;

export const loginStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 90vh; margin: 0; }
main { width: min(22rem, 90vw); }
form { display: grid; gap: 0.5rem; }
input, button, .button { font: inherit; padding: 0.5rem 0.75rem; border: 1px solid; border-radius: 0.375rem; }
.button { display: block; text-align: center; text-decoration: none; color: inherit; }
.note { opacity: 0.75; font-size: 0.875rem; }
`;

/** Leads to the dashboard from our own page, so that the browser brings the cookie along. */
export const welcomePage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>ccmeter</title></head>
<body><p><a href="/">Go on to ccmeter</a></p></body>
</html>
`;
