import { serve } from "../grpc/serve";
import { KubernetesProvider } from "./kubernetes-provider";

serve(process.argv.slice(2), (log) => new KubernetesProvider(log));
