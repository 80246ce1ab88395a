import { isInside } from "./namespace/enter";
import { rehearseInside } from "./rehearsal/inside";
import { readOptions } from "./rehearsal/options";
import { runInLab } from "./rehearsal/outside";

const options = readOptions(process.argv);
void (isInside() ? rehearseInside(options) : runInLab(options)).then((code) => process.exit(code));
