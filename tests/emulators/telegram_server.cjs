// Starts the server of the npm package telegram-test-api, which others wrote, on a free port of this machine, and says
// which. It is mended only where it answers otherwise than Telegram, so that python-telegram-bot can read it: getMe,
// getChatMember (absent), dates in milliseconds, the chat of a message being private, null instead of what was
// edited, and refusals with the status 200.
const http = require('http');
const TelegramServer = require('telegram-test-api');

const BOT = { id: 7001, is_bot: true, first_name: '工会', username: 'heze_union_bot' };
const RIGHTS = [
  'can_be_edited', 'is_anonymous', 'can_manage_chat', 'can_delete_messages', 'can_manage_video_chats',
  'can_restrict_members', 'can_promote_members', 'can_change_info', 'can_invite_users', 'can_post_stories',
  'can_edit_stories', 'can_delete_stories', 'can_post_messages', 'can_edit_messages',
];

class ChannelServer extends TelegramServer {
  addBotMessage(rawMessage, token) {
    const message = super.addBotMessage(rawMessage, token);
    const chat = { id: Number(rawMessage.chat_id), type: 'channel', title: '菏泽市总工会' };
    const { message_id, text } = message; // what else came with the call is no part of a message
    return { message_id, text, date: Math.floor(message.date / 1000), chat, sender_chat: chat };
  }
}

function answer(response, result) {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ok: true, result }));
}

function asTelegram(response) {
  const end = response.end.bind(response);
  response.end = (body, ...rest) => {
    response.removeHeader('content-length');
    const refusal = /^\{"ok":false,"error_code":(\d+)/.exec(body);
    if (refusal) response.statusCode = Number(refusal[1]);
    return end(String(body).replace('"result":null', '"result":true'), ...rest);
  };
}

const server = new ChannelServer({ host: '127.0.0.1' });
const front = http.createServer((request, response) => {
  const method = (/^\/bot[^/]+\/(\w+)/.exec(request.url) || [])[1];
  if (method === 'getMe') return answer(response, BOT);
  if (method === 'getChatMember') {
    const rights = Object.fromEntries(RIGHTS.map((right) => [right, true]));
    return answer(response, { status: 'administrator', user: BOT, ...rights });
  }
  if (method && /^(edit|delete)/.test(method)) asTelegram(response);
  return server.webServer(request, response);
});
front.listen(0, '127.0.0.1', () => console.log(`listening ${front.address().port}`));
