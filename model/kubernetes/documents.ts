import { type Document, type ScalarTag, parseAllDocuments } from "yaml";

/** `0400` is a file's mode to Kubernetes and Helm, which read YAML 1.1; YAML 1.2 would make four hundred of it. */
const octal: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^0[0-7]+$/,
  resolve: (text) => parseInt(text, 8),
};

/** The YAML documents of a rendered manifest, with numbers as the API server reads them. */
export function manifestDocuments(rendered: string): readonly Document.Parsed[] {
  const parsed = parseAllDocuments(rendered, { customTags: (tags) => [octal, ...tags] });
  return Array.isArray(parsed) ? parsed : [];
}
