'use strict';

const native = require('./native.js');

/** The version of package.json, under which spans are made. */
const version = native.version();

/** OpenTelemetry's API, where it can be found; it is no dependency of this package. */
let api;

function find() {
  if (api === undefined) {
    try {
      api = require('@opentelemetry/api');
    } catch {
      api = null;
    }
  }
  return api;
}

/** The span of a call that goes out; `undefined` for what only computes. Names and meanings are those of OpenTelemetry for HTTP clients. */
function begin(what, client) {
  const found = find() && native.httpOf(what);
  if (!found) return undefined;
  const [method, template] = found;
  const url = new URL(client.baseUrl);
  const attributes = {
    'http.request.method': method,
    'server.address': url.hostname,
    'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  };
  if (template !== '') {
    attributes['url.template'] = template;
    attributes['wechatpay.operation'] = what;
  }
  return api.trace.getTracer('wechatpay-rs', version).startSpan(what, { kind: api.SpanKind.CLIENT, attributes });
}

/** Ends the span with what comes of the call, which goes on to the caller as it is. */
async function end(span, outcome) {
  try {
    const done = await outcome;
    const [status, , attempts, requestId] = done.about.split('\n');
    if (status) span.setAttribute('http.response.status_code', Number(status));
    more(span, requestId, Number(attempts));
    return done;
  } catch (error) {
    // Not its text: that may quote what the merchant sent.
    const code = error?.code ?? error?.name ?? typeof error;
    if (error?.status !== undefined) span.setAttribute('http.response.status_code', error.status);
    span.setAttribute('error.type', String(code));
    span.setAttribute('wechatpay.outcome_unknown', error?.outcomeUnknown === true);
    more(span, error?.requestId, error?.attempts);
    span.setStatus({ code: api.SpanStatusCode.ERROR, message: String(code) });
    throw error;
  } finally {
    span.end();
  }
}

function more(span, requestId, attempts) {
  if (requestId) span.setAttribute('wechatpay.request_id', requestId);
  if (attempts > 1) span.setAttribute('http.request.resend_count', attempts - 1);
}

module.exports = { begin, end };
