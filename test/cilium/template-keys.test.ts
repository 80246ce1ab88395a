import assert from "node:assert";
import { templateKeys } from "../../lab/charts/chart-keys";

/** Ways in which templates reach a key, and the keys that they read. */
const cases: Readonly<Record<string, [templates: string[], keys: string[]]>> = {
  "its whole name": [["a: {{ .Values.a.b | quote }} {{ $.Values.c }}"], ["a.b", "c"]],
  "a variable": [["{{- $x := .Values.a -}}{{ $x.b }}{{- with $x.c }}{{ . }}{{ end }}"], ["a", "a.b", "a.c"]],
  "the first of two that is set": [
    ['{{ $x := (coalesce .Values.a .Values.old) }}{{ if hasKey $x "b" }}{{ $x.b }}{{ end }}'],
    ["a", "a.b", "old", "old.b"],
  ],
  "a variable that is set again": [["{{ $x := .Values.a }}{{ $x = $x.b }}{{ $x.c }}"], ["a", "a.b", "a.b.c"]],
  "the dot of a with": [
    ["{{ with .Values.a }}{{ .b }}{{ else }}{{ .Values.c }}{{ end }}{{ .Values.d }}"],
    ["a", "a.b", "c", "d"],
  ],
  "an else with": [
    ["{{ with .Values.a }}{{ .b }}{{ else with .Values.c }}{{ .d }}{{ end }}"],
    ["a", "a.b", "c", "c.d"],
  ],
  "functions that take a name": [
    [
      '{{ hasKey .Values "a" }}{{ get .Values.b "c" }}{{ index $.Values.d "e" }}{{ dig "f" "g" "" .Values.AsMap }}',
    ],
    ["AsMap", "a", "b", "b.c", "d", "d.e", "f.g"],
  ],
  "a named template that gets a part": [
    [
      '{{ define "image" }}{{ if .override }}{{ .tag }}{{ end }}{{ end }}',
      '{{ include "image" .Values.a.image }}',
    ],
    ["a.image", "a.image.override", "a.image.tag"],
  ],
  "a named template that gets everything": [
    ['{{ define "name" }}{{ .Values.a }}{{ end }}{{ include "name" . }}'],
    ["a"],
  ],
  "neither texts, nor entries of a range, nor results of a function": [
    [
      '{{ include "some.b" . }}{{ range .Values.a }}{{ .b }}{{ end }}{{ $x := toString .Values.c }}{{ $x.d }}',
    ],
    ["a", "c"],
  ],
};

describe("keys that a template reads", () => {
  for (const [what, [templates, keys]] of Object.entries(cases)) {
    it(`are found by ${what}`, () => assert.deepStrictEqual([...templateKeys(templates)].sort(), keys));
  }
});
