// Run by Node: reads a JSON array of base64 messages, and writes what Node's own parser makes of each.
import { readFileSync } from "node:fs";

process.removeAllListeners("warning");
const { HTTPParser } = process.binding("http_parser");
const { kOnHeaders, kOnHeadersComplete, kOnBody, kOnMessageComplete } = HTTPParser;

function parse(bytes) {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.RESPONSE, {}, 1 << 20);
  const seen = { status: 0, fields: [], body: "", isDone: false };
  parser[kOnHeaders] = () => {};
  parser[kOnHeadersComplete] = (_major, _minor, fields, _method, _url, status) => {
    // What comes after the message is another one.
    if (seen.isDone) return 0;
    seen.status = status;
    for (let index = 0; index < fields.length; index += 2)
      seen.fields.push([fields[index], fields[index + 1]]);
    return 0;
  };
  parser[kOnBody] = (chunk) => {
    if (!seen.isDone) seen.body += chunk.toString("latin1");
  };
  parser[kOnMessageComplete] = () => {
    seen.isDone = true;
  };
  const result = parser.execute(bytes);
  return result instanceof Error && !seen.isDone ? { error: result.code } : seen;
}

const messages = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(messages.map((message) => parse(Buffer.from(message, "base64")))));
