import { defineCheck } from "../check";

export const previewsAsk = defineCheck({
  id: "management/previews-ask",
  why: "a preview that could ask nothing looks like one that found nothing",
  severity: "warning",
  run: ({ management: { offlinePreview } }) =>
    offlinePreview
      ? [
          {
            at: "management.offlinePreview",
            problem: "previews go on when the management cluster cannot be reached",
            fix: "remove it where previews can reach the management cluster",
          },
        ]
      : [],
});
