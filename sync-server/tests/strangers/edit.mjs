// Stock clients of y-websocket 1, 2 and 3 with plain Yjs documents: each writes its word, all wait until they have
// everybody's, and the text is told. Arguments: the relay's address, the document, the words of others to wait for.
import { WebsocketProvider as Version1 } from "y-websocket-1";
import { WebsocketProvider as Version2 } from "y-websocket-2";
import { WebsocketProvider as Version3 } from "y-websocket-3";
import WebSocket from "ws";
import * as Y from "yjs";

const [address, document, ...others] = process.argv.slice(2);

const token = process.env.RELAY_TOKEN;

// Each says who it is in another way: in a header, which only a program can set; …
class WithHeader extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols, { headers: { authorization: `Bearer ${token}` } });
  }
}

// … as a protocol, which a browser can name; …
const protocols = ["quire.sync", `bearer.${token}`];

// … and with a ticket in the address, a new one for each line.
async function ticket() {
  const response = await fetch(`http://${address}/api/v1/tickets`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ document }),
  });
  return (await response.json()).ticket;
}

const ways = [
  { WebSocketPolyfill: WithHeader },
  { WebSocketPolyfill: WebSocket, protocols },
  { WebSocketPolyfill: WebSocket, params: { ticket: await ticket() } },
];

const clients = [Version1, Version2, Version3].map((Provider, nth) => {
  const doc = new Y.Doc();
  const provider = new Provider(`ws://${address}/ws`, document, doc, {
    ...ways[nth],
    disableBc: true,
  });
  provider.awareness.setLocalStateField("user", { name: `stock ${nth + 1}` });
  return { doc, provider, text: doc.getText("text"), word: `version${nth + 1}` };
});

async function until(what, condition) {
  const start = Date.now();
  while (!condition()) {
    if (Date.now() - start > 300_000) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

await until("sync", () => clients.every((client) => client.provider.synced));
for (const { text, word } of clients) {
  for (const letter of `${word} `) text.insert(0, letter);
  text.insert(0, "wrong ");
  text.delete(0, 6);
}
// Offline, and back.
clients[1].provider.disconnect();
clients[1].text.insert(clients[1].text.length, " offline");
clients[1].provider.connect();
const letters = (clients.map((client) => client.word).join("") + "offline" + others.join("")).length;
const isWhole = (text) =>
  others.every((word) => text.includes(word)) && text.replaceAll(" ", "").length === letters;
await until("everybody's words", () =>
  clients.every((client) => isWhole(client.text.toString())),
);
await until("everybody's cursors", () =>
  clients.every((client) => client.provider.awareness.getStates().size >= clients.length),
);
// Whoever they say they are, they are shown as whom the relay knows.
const names = [...clients[0].provider.awareness.getStates()]
  .filter(([client]) => client !== clients[0].doc.clientID)
  .map(([, state]) => state.user.name);
if (names.some((name) => name !== "Owner")) throw new Error(`names: ${names}`);
const texts = clients.map((client) => client.text.toString());
if (texts.some((text) => text !== texts[0])) throw new Error(`texts differ: ${texts}`);
console.log(texts[0]);
process.exit(0);
