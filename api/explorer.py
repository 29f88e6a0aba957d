"""A small page to try GraphQL by hand, in the pretend campus only. It loads nothing from anywhere else."""

import base64
import hashlib

from starlette.responses import HTMLResponse, Response

_SCRIPT = """
const byId = (id) => document.getElementById(id);
byId('send').addEventListener('click', async () => {
  const out = byId('answer');
  out.textContent = '…';
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  const token = byId('token').value.trim();
  if (token) headers.authorization = 'Bearer ' + token;
  try {
    const variables = byId('variables').value.trim();
    const body = { query: byId('query').value, variables: variables ? JSON.parse(variables) : undefined };
    const reply = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(body) });
    out.textContent = reply.status + '\\n' + JSON.stringify(await reply.json(), null, 2);
  } catch (error) {
    out.textContent = String(error);
  }
});
"""
_STYLE = """
:root { color-scheme: light dark; font-family: system-ui, "Noto Sans SC", sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; display: grid; gap: .75rem; }
textarea, input { width: 100%; box-sizing: border-box; font: 14px ui-monospace, monospace; padding: .5rem; }
button { min-height: 48px; padding: 0 1.5rem; font: inherit; justify-self: start; }
pre { overflow: auto; padding: 1rem; border: 1px solid #8884; border-radius: 12px; min-height: 4rem; }
"""
_PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>OneCard · GraphQL</title><style>{_STYLE}</style></head><body>
<h1>GraphQL</h1>
<p>This is a pretend campus, so any document may be sent here. A token: <code>onecard token --as 2002001</code>.
The whole schema: <code>schema/schema.graphql</code>, or by introspection.</p>
<label for="token">Token (empty: nobody)</label><input id="token" autocomplete="off">
<label for="query">Document</label>
<textarea id="query" rows="12" spellcheck="false">{{
  school {{ name policy {{ paymentLimitOnce rechargeHours {{ opensAt closesAt openNow }} }} }}
}}</textarea>
<label for="variables">Variables (JSON)</label><textarea id="variables" rows="3" spellcheck="false"></textarea>
<button id="send" type="button">Send</button>
<pre id="answer" role="status" tabindex="0"></pre>
<script>{_SCRIPT}</script></body></html>
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_POLICY = (
    f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)}; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page() -> Response:
    return HTMLResponse(_PAGE, headers={"content-security-policy": _POLICY, "cache-control": "no-cache"})
