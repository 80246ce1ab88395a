import type { Check } from "../check";
import { bondMemberOnce } from "./bond-member-once";
import { bondMembersExist } from "./bond-members-exist";
import { bondMembersSeveral } from "./bond-members-several";
import { bondNamesKept } from "./bond-names-kept";
import { endpointInterfaceCarriesNodes } from "./endpoint-interface-carries-nodes";
import { hashPolicyUsed } from "./hash-policy-used";
import { miimonRealistic } from "./miimon-realistic";
import { mtuFitsBelow } from "./mtu-fits-below";
import { namesUnique } from "./names-unique";
import { nodeLinkChosen } from "./node-link-chosen";
import { nodeLinkExists } from "./node-link-exists";
import { nodeLinkOutsideBond } from "./node-link-outside-bond";
import { vlanBelowBond } from "./vlan-below-bond";
import { vlanIdOnce } from "./vlan-id-once";
import { vlanLinkExists } from "./vlan-link-exists";
import { vlanNameFits } from "./vlan-name-fits";
import { vlanNamesKept } from "./vlan-names-kept";

/** Checks of the interfaces of hosts. */
export const linksChecks: readonly Check[] = [
  bondMemberOnce,
  bondMembersExist,
  bondMembersSeveral,
  bondNamesKept,
  endpointInterfaceCarriesNodes,
  hashPolicyUsed,
  miimonRealistic,
  mtuFitsBelow,
  namesUnique,
  nodeLinkChosen,
  nodeLinkExists,
  nodeLinkOutsideBond,
  vlanBelowBond,
  vlanIdOnce,
  vlanLinkExists,
  vlanNameFits,
  vlanNamesKept,
];
