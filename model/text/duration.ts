const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `42 s`, `14 m 02 s`, `3 h 12 m`, `12 d 4 h`, `362 d`: two units at most, and no more than anybody needs. */
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
