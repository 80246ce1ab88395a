import { reportDefects } from "../exit-codes";
import { parseOrder, readAll, wait } from "./wait";

/** The waiting program: `exec node --import tsx ops/wait/main.ts`, an order (WaitOrder) as JSON on standard input. */
reportDefects();
void wait(readAll(process.stdin).then(parseOrder)).then((ending) => {
  if (ending.stdout !== undefined) process.stdout.write(`${ending.stdout}\n`);
  process.exit(ending.code);
});
