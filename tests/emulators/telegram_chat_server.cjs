// Starts the server of the npm package telegram-test-api, which others wrote, on a free port of this machine, for
// conversations with a bot, by asking and by webhook. It is mended only where it answers otherwise than Telegram, so
// that python-telegram-bot can read it: getMe without is_bot, dates in milliseconds, null instead of true, the secret
// that a webhook is called with, callback_query without chat_instance; and getUpdates forgets no update before it is
// confirmed by an offset, nor does it return before there is one or a moment has gone. Photos, getFile and the menu of
// commands it has none of.
const http = require('http');
const TelegramServer = require('telegram-test-api');

const BOT = { id: 7001, is_bot: true, first_name: '工会', username: 'heze_union_bot' };
const PHOTO = Buffer.from(process.argv[2] || '', 'base64');

const format = TelegramServer.formatUpdate;
TelegramServer.formatUpdate = (update) => {
  const out = format(update);
  if (out.callback_query) out.callback_query.chat_instance = '1';
  return out;
};

class ChatServer extends TelegramServer {
  addBotMessage(raw, token) {
    const { message_id, text, date, chat } = super.addBotMessage(raw, token);
    return { message_id, text, date: Math.floor(date / 1000), chat, from: BOT };
  }
  async addUserUpdate(update) {
    const hook = this.webhooks[update.botToken];
    if (!hook) return super.addUserUpdate(update);
    const headers = { 'content-type': 'application/json' };
    if (hook.secret_token) headers['X-Telegram-Bot-Api-Secret-Token'] = hook.secret_token;
    const place = hook.url;
    const body = JSON.stringify(TelegramServer.formatUpdate(update));
    const answer = await fetch(place, { method: 'POST', headers, body });
    if (answer.status !== 200) throw new Error(`webhook answered ${answer.status}`);
    this.updateId++;
  }
}

function answer(response, result) {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ok: true, result }));
}

function fields(request) {
  return new Promise((done) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      const json = (request.headers['content-type'] || '').includes('json');
      done(json ? JSON.parse(body || '{}') : Object.fromEntries(new URLSearchParams(body)));
    });
  });
}

const server = new ChatServer({ host: '127.0.0.1' });
const commands = [];

async function updates(token, offset) {
  const waiting = server.storage.userMessages;
  server.storage.userMessages = waiting.filter((one) => one.botToken !== token || one.updateId >= offset);
  const mine = server.storage.userMessages.filter((one) => one.botToken === token);
  if (!mine.length) await new Promise((done) => { setTimeout(done, 50); });
  return mine.map(TelegramServer.formatUpdate);
}

const front = http.createServer(async (request, response) => {
  const [, token, method] = /^\/bot([^/]+)\/(\w+)/.exec(request.url) || [];
  if (request.url.startsWith('/file/')) return response.end(PHOTO);
  if (request.url === '/commands') return answer(response, commands);
  if (request.url === '/hooks') return answer(response, server.webhooks);
  if (method === 'getMe') return answer(response, BOT);
  if (method === 'getUpdates') {
    const asked = await fields(request);
    return answer(response, await updates(decodeURIComponent(token), Number(asked.offset || 0)));
  }
  if (method === 'setMyCommands') {
    commands.splice(0, commands.length, ...JSON.parse((await fields(request)).commands));
    return answer(response, true);
  }
  if (method === 'getFile') {
    const { file_id } = await fields(request);
    return answer(response, { file_id, file_unique_id: 'u', file_size: PHOTO.length, file_path: `photos/${file_id}` });
  }
  if (method && /^(set|delete)Webhook|answerCallbackQuery/.test(method)) {
    const end = response.end.bind(response);
    response.end = (body, ...rest) => {
      response.removeHeader('content-length');
      return end(String(body).replace(/"result":[^}]*/, '"result":true'), ...rest);
    };
  }
  return server.webServer(request, response);
});
front.keepAliveTimeout = 120000; // the test may be slow, and the program is not tried here for broken connections
front.listen(0, '127.0.0.1', () => console.log(`listening ${front.address().port}`));
