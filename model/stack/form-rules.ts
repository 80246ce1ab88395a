import type { Explained } from "../findings/finding";

/** What must hold before any check can run: the file can be read, and has the form of a stack. */
export const formRules: readonly Explained[] = [
  {
    id: "file/yaml-readable",
    summary: "The stack file is valid YAML.",
    why: "neither this program nor Pulumi can read a file that is not YAML",
    fix: "correct the indentation, brackets or quotes around the place; an editor with YAML support shows it",
  },
  {
    id: "file/keys-once",
    summary: "Every key appears once.",
    why: "of a duplicate key only one counts, and programs differ in which",
    fix: "remove one of the two",
  },
  {
    id: "file/keys-plain",
    summary: "Every key is written out.",
    why: "Pulumi reads a key that is an alias, or that a merge brings into config:, and a comparison of two files does not see it",
    fix: "write the key itself, in its own place",
  },
  {
    id: "file/tags-absent",
    summary: "Values have no tags.",
    why: "readers of YAML differ in what they make of a tag: Pulumi could read a value that no check saw",
    fix: "write the value without the tag, and a text that begins with ! in quotes",
  },
  {
    id: "file/line-breaks",
    summary: "Only a line feed ends a line.",
    why: "readers of YAML differ in which other characters end a line or a comment: Pulumi could read a key that no check saw",
    fix: 'save the file with line feeds, and write such a character in quotes as "\\u2028"',
  },
  {
    id: "file/config-section",
    summary: "The stack file has a config section.",
    why: "all settings of the cluster are below config:",
    fix: "copy Pulumi.capi-1.yaml and make it yours",
  },
  {
    id: "file/size-bounded",
    summary: "The stack file is at most 4 MiB large.",
    why: "people read a stack file; a larger one is something else",
  },
  {
    id: "file/aliases-bounded",
    summary: "Aliases expand to a bounded number of values.",
    why: "aliases of aliases expand to more values than fit into memory",
  },
  {
    id: "file/nesting-bounded",
    summary: "Values are not nested too deeply.",
    why: "no stack needs such nesting, and programs run out of stack space",
  },
  {
    id: "file/text-utf8",
    summary: "The stack file is UTF-8 text.",
    why: "programs interpret other bytes differently",
  },
  {
    id: "config/key-known",
    summary: "Every key is a known setting.",
    why: "a misspelt key is a setting without effect",
    fix: "use the nearest real key; docs/configuration.md has them all",
  },
  {
    id: "config/supported",
    summary: "Every setting is supported.",
    why: "the setting is common in this field, but not supported here; the README lists the limits",
    fix: "write what the finding names instead",
  },
  {
    id: "config/key-present",
    summary: "Every required setting is present.",
    why: "without it nothing can be planned, and no default fits every site",
  },
  {
    id: "config/value-accepted",
    summary: "Every value has the type and form of its setting.",
    why: "a value of another form is misunderstood, or not understood at all",
    fix: "docs/configuration.md lists the values of each key",
  },
  {
    id: "config/characters-visible",
    summary: "Texts contain no invisible characters.",
    why: "an invisible character makes two texts differ that look the same",
  },
  {
    id: "secrets/encrypted",
    summary: "Secrets are encrypted.",
    why: "anyone who can read the repository could read the password",
    fix: "pulumi config set --secret --path 'metal:<place>'",
  },
  {
    id: "secrets/only-secrets",
    summary: "Only secrets are encrypted.",
    why: "elsewhere the value would be decrypted into plain fields of objects, and no review could see what it is",
    fix: "write the value in plain text: pulumi config set --path 'metal:<place>' VALUE",
  },
  {
    id: "secrets/encrypted-once",
    summary: "No encrypted value is a copy of another.",
    why: "a copy is decrypted at its new place, and its author need not know what it is",
    fix: "encrypt the value for each place: pulumi config set --secret --path 'metal:<place>'",
  },
  {
    id: "accept/id-known",
    summary: "An acceptance has the id of a check.",
    why: "an acceptance of an unknown id suggests that something is accepted",
    fix: "npm run metal -- explain lists every id",
  },
  {
    id: "accept/id-acceptable",
    summary: "An acceptance is for a finding that may be accepted.",
    why: "findings about data loss or deadlock cannot be accepted",
  },
  {
    id: "accept/not-expired",
    summary: "No acceptance has expired.",
    why: "the end date is a reminder to decide again",
  },
  {
    id: "accept/finding-present",
    summary: "Every acceptance matches a finding.",
    why: "an acceptance that outlives its finding would hide the next one",
    fix: "remove it from metal:accept",
  },
];
