import { defineCheck } from "../check";
import { ofEachImage } from "./each-image";

export const noLoginInUrl = defineCheck({
  id: "image/no-login-in-url",
  why: "the URL stands unencrypted in the stack file, the state and every machine template",
  run: ofEachImage(({ image }) =>
    (["url", "checksum"] as const)
      .filter((key) => /^https?:\/\/[^/]*@/i.test(image[key]))
      .map((key) => ({
        at: `image.${key}`,
        problem: "the URL holds a login",
        fix: "remove it, change that password, and serve the image where the provisioning network may read it",
      })),
  ),
});
