import type { Explained } from "../explained";

/** What must hold before any check can run: the file can be read, and has the form of a stack. */
export const formRules: readonly Explained[] = [
  {
    id: "file/yaml-readable",
    why: "a file that is not YAML says nothing, to this program as to Pulumi",
    fix: "correct the indentation, brackets or quotes around the place; an editor with YAML support shows it",
  },
  {
    id: "file/keys-once",
    why: "of a key that stands twice in one map only one counts, and readers differ in which",
    fix: "remove one of the two",
  },
  {
    id: "file/config-section",
    why: "everything about the cluster stands below config:",
    fix: "copy Pulumi.capi-1.yaml and make it yours",
  },
  {
    id: "file/size-bounded",
    why: "a stack file is read by people; what is larger than 4 MiB is something else",
  },
  { id: "file/aliases-bounded", why: "aliases of aliases unfold to more values than fit into memory" },
  { id: "file/nesting-bounded", why: "no stack nests so deep, and readers run out of stack" },
  { id: "file/text-utf8", why: "bytes that are no UTF-8 text are read differently by every program" },
  {
    id: "config/key-known",
    why: "a misspelt key is a setting that silently does nothing",
    fix: "use the nearest real key; docs/configuration.md has them all",
  },
  {
    id: "config/supported",
    why: "the setting is known in this field, and nothing here could make it true; the README lists the limits",
    fix: "write what the finding names instead",
  },
  {
    id: "config/key-present",
    why: "without it nothing can be planned, and no default is right for everybody",
  },
  {
    id: "config/value-accepted",
    why: "a value of another form is understood as something else, or by nobody",
    fix: "docs/configuration.md says what each key takes",
  },
  {
    id: "config/characters-visible",
    why: "an invisible character makes two texts differ that look the same, and nobody finds out why",
  },
  {
    id: "secrets/encrypted",
    why: "whoever can read the repository would have the password",
    fix: "pulumi config set --secret --path 'metal:<place>'",
  },
  {
    id: "accept/id-known",
    why: "an acceptance of nothing lets people believe that something is accepted",
    fix: "npm run metal -- explain lists every id",
  },
  { id: "accept/id-acceptable", why: "what destroys data or deadlocks the cluster is no matter of taste" },
  { id: "accept/not-expired", why: "the end date was set so that somebody looks again" },
  {
    id: "accept/finding-present",
    why: "an acceptance that outlives its finding would hide the next one",
    fix: "remove it from metal:accept",
  },
];
