// REST, protocols §3. Addresses are relative to the page: it may be mounted below any path.

/** What the server refused, with its sentence; `code` is null where it could not be asked. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `the server answered ${status}`);
    this.status = status;
    this.code = problem.code ?? null;
    this.problem = problem;
  }
}

const PATIENCE_MS = 30000;

async function ask(method, path, body, more = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: method === 'GET' ? {} : {
        'Content-Type': 'application/json',
        'X-Postmaster-Csrf': '1',
        ...more,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (fault) {
    throw new Refused(0, {detail: fault.name === 'TimeoutError' ? 'the server does not answer'
      : 'the server cannot be reached'});
  }
  const text = await response.text();
  let json = {};
  try {
    json = text === '' ? {} : JSON.parse(text);
  } catch {
    // Something between the server and this page has answered instead.
  }
  if (!response.ok) {
    throw new Refused(response.status, json);
  }
  return json;
}

const id = encodeURIComponent;

export const api = {
  status: () => ask('GET', 'api/v1/status'),
  worker: handle => ask('GET', `api/v1/workers/${id(handle)}`),
  transitions: (epoch, after, limit) =>
    ask('GET', `api/v1/transitions?after=${id(`${epoch}.${after}`)}&limit=${limit}`),
  entryPoints: () => ask('GET', 'api/v1/entry-points'),
  register: (specification, key) =>
    ask('POST', 'api/v1/workers', specification, {'Idempotency-Key': key}),
  terminate: handle => ask('DELETE', `api/v1/workers/${id(handle)}`),
  pause: handle => ask('POST', 'api/v1/pause', {handle}),
  resume: handle => ask('POST', 'api/v1/resume', {handle}),
  unlock: token => ask('POST', 'api/v1/session', {token}),
  lock: () => ask('DELETE', 'api/v1/session'),
};
