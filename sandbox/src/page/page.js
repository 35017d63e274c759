// What the control plane knows, as tables with buttons. Every text goes in as text: what a merchant sends is never markup.
'use strict';

const TEXTS = {
  title: ['WeChat Pay sandbox', '微信支付沙箱'],
  orders: ['Orders', '订单'],
  phone: ["The payer's phone", '付款人的手机'],
  refunds: ['Refunds', '退款'],
  transfers: ['Transfers', '商家转账'],
  sharing: ['Profit sharing', '分账'],
  service: ['Service orders (pay score)', '支付分服务订单'],
  notifications: ['Notifications', '回调通知'],
  requests: ['Requests', '收到的请求'],
  faults: ['Faults', '故障'],
  setup: ['Configure a client', '配置客户端'],
  copy: ['Copy', '复制'],
  copied: ['Copied', '已复制'],
  none: ['none yet', '暂无'],
  number: ['number', '单号'],
  what: ['what', '说明'],
  amount: ['yuan', '金额（元）'],
  state: ['state', '状态'],
  actions: ['actions', '操作'],
  show: ['phone', '手机'],
  pay: ['pay', '支付'],
  paying: ['password asked', '等待输入密码'],
  fails: ['payment fails', '支付失败'],
  success: ['succeeds', '成功'],
  abnormal: ['abnormal', '异常'],
  closed: ['closed', '关闭'],
  confirm: ['user confirms', '用户确认'],
  fail: ['fails', '失败'],
  finish: ['carry out', '执行'],
  expire: ['expires', '过期'],
  resend: ['send again', '再次发送'],
  event: ['event', '事件'],
  attempts: ['attempts', '发送次数'],
  address: ['address', '地址'],
  time: ['time', '时间'],
  request: ['request', '请求'],
  answer: ['answer', '应答'],
  verdict: ['verdict', '结论'],
  good: ['signature and parameters hold', '签名和参数正确'],
  signed: ['text that must be signed', '应当签名的内容'],
  body: ['body', '报文主体'],
  headers: ['headers', '请求头'],
  struck: ['struck', '已触发'],
  clear: ['remove all faults', '清除全部故障'],
  lost: ['the next request is carried out and its answer lost', '下一个请求已执行但应答丢失'],
  busy: ['the next answer is 500 SYSTEM_ERROR', '下一个应答是 500 SYSTEM_ERROR'],
  forged: ['the next answer has a forged signature', '下一个应答的签名是伪造的'],
  notice: ['the next notification has a forged signature', '下一个通知的签名是伪造的'],
  twice: ['the next notification comes twice', '下一个通知重复发送'],
};

let chinese = (localStorage.getItem('language') ?? navigator.language).startsWith('zh');
let chosen = null;
let last = '';

const text = (key) => TEXTS[key][chinese ? 1 : 0];
const yuan = (fen) => (typeof fen === 'number' ? (fen / 100).toFixed(2) : '');
const at = (id) => document.getElementById(id);
const path = (...parts) => `/sandbox/${parts.map(encodeURIComponent).join('/')}`;

function element(name, content, attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...[content ?? ''].flat());
  return made;
}

async function ask(method, url, body) {
  const answer = await fetch(url, { method, body: body && JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(`${told.code}: ${told.message}`);
  return told;
}

function button(key, url, body, name) {
  const made = element('button', text(key), { type: 'button', 'aria-label': `${text(key)} ${name ?? ''}`.trim() });
  made.addEventListener('click', () => act(() => ask('POST', url, body)));
  return made;
}

async function act(action) {
  at('told').textContent = '';
  try {
    await action();
  } catch (error) {
    at('told').textContent = error.message;
  }
  await refresh();
}

function table(id, columns, rows) {
  // A button that is in use must not be taken from under the finger.
  const open = new Set([...at(id).querySelectorAll('details[open]')].map((one) => one.id));
  if (rows.length === 0) return at(id).replaceChildren(element('p', text('none'), { class: 'quiet' }));
  const head = element('tr', columns.map((key) => element('th', text(key), { scope: 'col' })));
  const body = rows.map((cells) => element('tr', cells.map((cell) => (cell instanceof Node && cell.nodeName === 'TD' ? cell : element('td', cell)))));
  at(id).replaceChildren(element('table', [element('thead', head), element('tbody', body)]));
  for (const one of open) at(one)?.setAttribute('open', '');
}

const money = (fen) => element('td', yuan(fen), { class: 'number' });

function orderRow(order) {
  const number = order.out_trade_no;
  const open = ['NOTPAY', 'USERPAYING', 'PAYERROR'].includes(order.trade_state);
  const show = element('button', text('show'), { type: 'button', 'aria-label': `${text('show')} ${number}` });
  show.addEventListener('click', () => { chosen = number; last = ''; refresh(); });
  const pay = (key, result) => button(key, path('pay', number), { result }, number);
  const actions = open ? [show, pay('pay', 'SUCCESS'), pay('paying', 'USERPAYING'), pay('fails', 'PAYERROR')] : [show];
  return [number, order.description, money(order.amount.total), `${order.trade_state} ${order.trade_state_desc}`, actions];
}

function phone(orders) {
  const order = orders.find((one) => one.out_trade_no === chosen);
  at('phone').hidden = !order;
  if (!order) return;
  const parts = [];
  if (order.prepay.code_url) parts.push(element('img', [], { src: path('orders', chosen, 'qr.svg'), alt: order.prepay.code_url }));
  parts.push(element('p', order.description), element('p', `¥ ${yuan(order.amount.total)}`, { class: 'amount' }));
  parts.push(element('p', order.trade_state_desc, { class: order.trade_state === 'SUCCESS' ? 'good' : 'quiet' }));
  parts.push(...orderRow(order)[4].slice(1));
  at('screen').replaceChildren(...parts);
}

function refundRow(refund) {
  const number = refund.out_refund_no;
  const finish = (key, status) => button(key, path('refunds', number, 'finish'), { status }, number);
  const actions = refund.status === 'PROCESSING' ? [finish('success', 'SUCCESS'), finish('abnormal', 'ABNORMAL'), finish('closed', 'CLOSED')] : '';
  return [number, refund.out_trade_no, money(refund.amount.refund), refund.status, actions];
}

function transferRow(transfer) {
  const number = transfer.out_bill_no;
  const to = (key) => button(key, path('transfers', number, key), {}, number);
  const waits = ['ACCEPTED', 'WAIT_USER_CONFIRM', 'TRANSFERING', 'PROCESSING'].includes(transfer.state);
  return [number, transfer.transfer_remark ?? '', money(transfer.transfer_amount), transfer.state, waits ? [to('confirm'), to('fail')] : ''];
}

function sharingRow(sharing) {
  const number = sharing.out_order_no;
  const fen = sharing.receivers?.reduce((sum, one) => sum + one.amount, 0);
  const actions = sharing.state === 'PROCESSING' ? [button('finish', path('profit_sharing', number, 'finish'), {}, number)] : '';
  return [number, sharing.transaction_id, money(fen), sharing.state, actions];
}

function serviceRow(order) {
  const number = order.out_order_no;
  const to = (key) => button(key, path('payscore', number, key), {}, number);
  const actions = order.state === 'CREATED' ? [to('confirm'), to('expire')] : order.state_description === 'MCH_COMPLETE' || order.state === 'DOING' ? [to('pay')] : '';
  return [number, order.service_introduction ?? '', money(order.total_amount), `${order.state} ${order.state_description ?? ''}`, actions];
}

function notificationRow(one) {
  const good = one.state === 'acknowledged';
  const parts = [element('summary', `${one.event_type} ${one.create_time}`)];
  parts.push(element('pre', JSON.stringify(one.resource, null, 2), { tabindex: '0' }));
  for (const attempt of one.attempts) parts.push(element('pre', `${attempt.at} → ${attempt.status ?? attempt.error}\n${attempt.reply ?? ''}`, { tabindex: '0' }));
  const state = element('td', `${one.state} ${one.why ?? ''}`, { class: good ? 'good' : 'bad' });
  return [element('td', element('details', parts, { id: `n-${one.id}` })), one.notify_url, String(one.attempts.length), state, [button('resend', path('notifications', one.id, 'resend'), {}, one.id)]];
}

/** What the sandbox compares the signature with: the reason why a signature fails is in the difference to what the program signed. */
function signedText(request) {
  const header = (name) => request.headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? '';
  const field = (name) => header('authorization').match(new RegExp(`${name}="([^"]*)"`))?.[1] ?? '';
  const target = request.query ? `${request.path}?${request.query}` : request.path;
  return `${request.method}\n${target}\n${field('timestamp')}\n${field('nonce_str')}\n${request.upload ? JSON.stringify(request.upload.meta) : (request.body ?? '')}\n`;
}

function requestRow(request) {
  const bad = !request.complete || request.status >= 400;
  const parts = [element('summary', `${request.method} ${request.path}${request.query ? `?${request.query}` : ''}`)];
  if (request.complete) parts.push(element('p', text('signed')), element('pre', signedText(request), { tabindex: '0' }));
  parts.push(element('p', text('headers')), element('pre', request.headers.map(([name, value]) => `${name}: ${value}`).join('\n'), { tabindex: '0' }));
  const verdict = bad ? `${request.code ?? ''} ${request.message ?? ''}` : text('good');
  const cell = element('td', [verdict, ...(request.warnings ?? []).map((one) => element('p', one, { class: 'bad' }))], { class: bad ? 'bad' : 'good' });
  return [String(request.number), element('td', element('details', parts, { id: `r-${request.number}` })), request.operation ?? '', String(request.status ?? '…'), cell];
}

const SWITCHES = {
  lost: { match: {}, fault: { close: 'before_answer' } },
  busy: { match: {}, fault: { status: 500, code: 'SYSTEM_ERROR' } },
  forged: { match: {}, fault: { signature: 'altered' } },
  notice: { match: { notification: '*' }, fault: { signature: 'altered' } },
  twice: { match: { notification: '*' }, fault: { duplicate: 1 } },
};

function faults(rules) {
  table('faults', ['what', 'struck'], rules.map(({ struck, ...rule }) => [JSON.stringify(rule), String(struck ?? 0)]));
}

function words() {
  document.documentElement.lang = chinese ? 'zh-CN' : 'en';
  document.title = text('title');
  at('language').textContent = chinese ? 'English' : '中文';
  at('language').lang = chinese ? 'en' : 'zh-CN';
  for (const one of document.querySelectorAll('[data-text]')) one.textContent = text(one.dataset.text);
  const clear = element('button', text('clear'), { type: 'button' });
  clear.addEventListener('click', () => act(() => ask('DELETE', '/sandbox/faults')));
  at('switches').replaceChildren(...Object.keys(SWITCHES).map((key) => button(key, '/sandbox/faults', SWITCHES[key])), clear);
}

async function refresh() {
  const [overview, objects, notifications, requests, rules] = await Promise.all(
    ['/sandbox', '/sandbox/objects', '/sandbox/notifications', '/sandbox/requests?last=100', '/sandbox/faults'].map((url) => ask('GET', url)),
  );
  const { time, ...steady } = overview;
  at('about').textContent = `${overview.base_url} · ${overview.mchid} · ${time}`;
  const seen = JSON.stringify([chinese, chosen, steady, objects, notifications, requests, rules]);
  if (seen === last) return;
  last = seen;
  const key = (one) => one.out_trade_no ?? one.out_bill_no ?? one.out_order_no;
  for (const list of Object.values(objects)) list.sort((a, b) => (b.out_refund_no ?? key(b)).localeCompare(a.out_refund_no ?? key(a)));
  table('orders', ['number', 'what', 'amount', 'state', 'actions'], objects.orders.map(orderRow));
  phone(objects.orders);
  table('refunds', ['number', 'what', 'amount', 'state', 'actions'], objects.refunds.map(refundRow));
  table('transfers', ['number', 'what', 'amount', 'state', 'actions'], objects.transfers.map(transferRow));
  table('sharing', ['number', 'what', 'amount', 'state', 'actions'], objects.profit_sharing.map(sharingRow));
  table('service', ['number', 'what', 'amount', 'state', 'actions'], objects.service_orders.map(serviceRow));
  table('notifications', ['event', 'address', 'attempts', 'state', 'actions'], [notifications.notifications].flat().reverse().slice(0, 100).map(notificationRow));
  table('requests', ['number', 'request', 'what', 'answer', 'verdict'], requests.requests.reverse().map(requestRow));
  faults(rules.faults);
}

async function watch() {
  try {
    await refresh();
  } catch (error) {
    at('told').textContent = error.message;
  }
  setTimeout(watch, 1000);
}

at('language').addEventListener('click', () => {
  chinese = !chinese;
  localStorage.setItem('language', chinese ? 'zh' : 'en');
  last = '';
  words();
  refresh();
});
at('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(at('usage').textContent);
  at('told').textContent = text('copied');
});
words();
fetch('/sandbox/usage').then((answer) => answer.text()).then((usage) => { at('usage').textContent = usage; });
watch();
