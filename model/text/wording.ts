/** `1 machine`, `3 machines`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** Names as one list for a sentence; of very many the first ones and how many more there are. */
export function listed(names: readonly string[], most = 50): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

/** A text as one word of a POSIX shell, whatever it holds. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Minutes and seconds: `07:12`, `125:07`. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `42 s`, `14 m 02 s`, `3 h 12 m`, `12 d 4 h`, `362 d`: two units at most, and no more than is useful. */
export function duration(milliseconds: number): string {
  const time = Math.max(0, milliseconds);
  if (time < minute) return `${Math.floor(time / second)} s`;
  if (time < hour) return two(time, minute, "m", second, "s");
  if (time < day) return two(time, hour, "h", minute, "m");
  if (time < 30 * day) return `${Math.floor(time / day)} d ${Math.floor((time % day) / hour)} h`;
  return `${Math.floor(time / day)} d`;
}

function two(time: number, large: number, name: string, small: number, smallName: string): string {
  const rest = String(Math.floor((time % large) / small)).padStart(2, "0");
  return `${Math.floor(time / large)} ${name} ${rest} ${smallName}`;
}

/** So many names are compared with a word: a file may have thousands, and as many words that are like none of them. */
const mostCandidates = 500;

/** The candidate that is most like a word, if one is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const most = Math.max(2, word.length / 3);
  const ranked = candidates
    .slice(0, mostCandidates)
    .filter((candidate) => Math.abs(candidate.length - word.length) <= most)
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= most ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
