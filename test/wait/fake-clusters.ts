import { FakeApi } from "./fake-api";

/** The API servers of both clusters of a stack, new for each test of a suite. */
export class FakeClusters {
  management = new FakeApi();
  workload = new FakeApi();

  /** Starts them before each test of the suite that this is called in, and stops them after it. */
  static forEachTest(prepare: (clusters: FakeClusters) => void = () => undefined): FakeClusters {
    const clusters = new FakeClusters();
    beforeEach(async () => {
      clusters.management = new FakeApi();
      clusters.workload = new FakeApi();
      await Promise.all([clusters.management.start(), clusters.workload.start()]);
      prepare(clusters);
    });
    afterEach(() => Promise.all([clusters.management.stop(), clusters.workload.stop()]));
    return clusters;
  }

  /** Every request that was more than a question. */
  get changes(): readonly string[] {
    const all = [...this.management.requests, ...this.workload.requests];
    return all.filter((request) => !request.startsWith("GET "));
  }
}
