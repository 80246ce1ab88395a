import { unique } from "./unique";

export const namesUnique = unique(
  "hosts/names-unique",
  "two hosts of one name are one object",
  "name",
  ({ name }) => name,
);
