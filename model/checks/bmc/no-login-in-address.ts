import { parseBmcAddress, shownBmcAddress } from "../../bmc/address";
import { defineCheck } from "../check";

export const noLoginInAddress = defineCheck({
  id: "bmc/no-login-in-address",
  why: "Metal3 ignores a login in the address, and it stands unencrypted in the stack file, the state and the BareMetalHost",
  acceptable: false,
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc }, i) =>
      parseBmcAddress(bmc.address)?.login === true
        ? [
            {
              at: `hosts[${i}].bmc.address`,
              problem: `"${shownBmcAddress(bmc.address)}" holds a login`,
              fix: `remove it, change that password, and set metal:hosts[${i}].bmc.username and .password`,
            },
          ]
        : [],
    ),
});
