// Asks Comunica what standard input says, and writes its answers, and what it called, to standard output.
// `known` is the address the registry has, `served` the one at which the test's server listens in its place.
import { QueryEngine } from '@comunica/query-sparql';

let text = '';
for await (const piece of process.stdin) text += piece;
const { known, served, asked } = JSON.parse(text);

const calls = [];
const reach = async (address, init) => {
  if (!address.startsWith(known)) throw new Error(`${address} is none of ours`);
  calls.push(address.slice(known.length));
  const answer = await fetch(served + address.slice(known.length), init);
  return Object.defineProperty(answer, 'url', { value: address });
};

const engine = new QueryEngine();
const answers = [];
for (const { query, source, media } of asked) {
  const { data } = await engine.resultToString(await engine.query(query, { sources: [source], fetch: reach }), media);
  let answer = '';
  for await (const piece of data) answer += piece;
  answers.push(answer);
}
process.stdout.write(JSON.stringify({ answers, calls }));
