import { isObject, type Json } from "../grpc/property-value";

/** One step of a path: from the values found so far to the next ones. */
type Step = (values: readonly Json[], root: Json) => Json[];
type Predicate = (value: Json, root: Json) => boolean;
type Operand = (value: Json, root: Json) => Json[];

function children(value: Json): Json[] {
  return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
}

function member(name: string): Step {
  return (values) =>
    values.flatMap((value) => (isObject(value) && Object.hasOwn(value, name) ? [value[name] ?? null] : []));
}

function element(index: number): Step {
  return (values) =>
    values.flatMap((value) =>
      Array.isArray(value) ? value.slice(index, index === -1 ? undefined : index + 1) : [],
    );
}

const wildcard: Step = (values) => values.flatMap(children);

const comparisons: Readonly<Record<string, (left: Json, right: Json) => boolean>> = {
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  "<=": (left, right) => left !== null && right !== null && left <= right,
  ">=": (left, right) => left !== null && right !== null && left >= right,
  "<": (left, right) => left !== null && right !== null && left < right,
  ">": (left, right) => left !== null && right !== null && left > right,
};

/** A recursive-descent reader of RFC 9535 paths with filters, and of kubectl's `{.a.b}` spelling of them. */
class Reader {
  #at = 0;
  constructor(readonly text: string) {}

  path(): Step[] {
    const steps = this.#steps();
    if (this.#at < this.text.length) this.#fail();
    return steps;
  }

  #fail(): never {
    throw new Error(`jsonpath ${this.text}: cannot read "${this.text.slice(this.#at)}"`);
  }

  #take(pattern: RegExp): string | undefined {
    const match = new RegExp(pattern.source, "y");
    match.lastIndex = this.#at;
    const found = match.exec(this.text);
    if (found === null) return undefined;
    this.#at = match.lastIndex;
    return found[1] ?? found[0];
  }

  #steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      const step = this.#step();
      if (step === undefined) return steps;
      steps.push(step);
    }
  }

  #step(): Step | undefined {
    if (this.#take(/\.\*/) !== undefined) return wildcard;
    const name = this.#take(/\.((?:[\w-]|\\.)+)/);
    if (name !== undefined) return member(name.replaceAll("\\", ""));
    if (this.#take(/\[\s*/) === undefined) return undefined;
    const step = this.#bracket();
    if (this.#take(/\s*\]/) === undefined) this.#fail();
    return step;
  }

  #bracket(): Step {
    if (this.#take(/\*/) !== undefined) return wildcard;
    const quoted = this.#string();
    if (quoted !== undefined) return member(quoted);
    const index = this.#take(/-?\d+/);
    if (index !== undefined) return element(Number(index));
    if (this.#take(/\?/) === undefined) this.#fail();
    const keep = this.#or();
    return (values, root) => values.flatMap(children).filter((value) => keep(value, root));
  }

  #string(): string | undefined {
    return (this.#take(/'((?:[^'\\]|\\.)*)'/) ?? this.#take(/"((?:[^"\\]|\\.)*)"/))?.replace(/\\(.)/g, "$1");
  }

  #or(): Predicate {
    const parts = [this.#and()];
    while (this.#take(/\s*\|\|/) !== undefined) parts.push(this.#and());
    return (value, root) => parts.some((part) => part(value, root));
  }

  #and(): Predicate {
    const parts = [this.#term()];
    while (this.#take(/\s*&&/) !== undefined) parts.push(this.#term());
    return (value, root) => parts.every((part) => part(value, root));
  }

  #term(): Predicate {
    if (this.#take(/\s*!(?!=)/) !== undefined) {
      const negated = this.#term();
      return (value, root) => !negated(value, root);
    }
    if (this.#take(/\s*\(/) !== undefined) {
      const inner = this.#or();
      if (this.#take(/\s*\)/) === undefined) this.#fail();
      return inner;
    }
    const left = this.#operand();
    const compare = comparisons[this.#take(/\s*(==|!=|<=|>=|<|>)/) ?? ""];
    if (compare === undefined) return (value, root) => left(value, root).length > 0;
    const right = this.#operand();
    return (value, root) => compare(left(value, root)[0] ?? null, right(value, root)[0] ?? null);
  }

  #operand(): Operand {
    this.#take(/\s*/);
    const start = this.#take(/[@$]/);
    if (start !== undefined) {
      const steps = this.#steps();
      return (value, root) => follow(steps, start === "$" ? root : value, root);
    }
    const text = this.#string();
    if (text !== undefined) return () => [text];
    const literal = this.#take(/true|false|null|-?\d+(?:\.\d+)?/);
    if (literal === undefined) return this.#fail();
    return () => [JSON.parse(literal) as Json];
  }
}

function follow(steps: readonly Step[], start: Json, root: Json): Json[] {
  return steps.reduce<Json[]>((values, step) => step(values, root), [start]);
}

/** A compiled path: all values it selects in a document. Throws when the text is no path. */
export function jsonPath(text: string): (document: Json) => Json[] {
  const inner = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1).trim() : text;
  const body = inner.startsWith("$") ? inner.slice(1) : inner;
  const steps = new Reader(/^[.[]/.test(body) ? body : `.${body}`).path();
  return (document) => follow(steps, document, document);
}
