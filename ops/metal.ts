/** The command line for `node --import tsx ops/metal.ts`; `npm run metal` starts the same bundle without tsx. */
import "../startup/metal.cjs";
