import { serve } from "../grpc/serve";
import { CommandProvider } from "./command-provider";

serve(process.argv.slice(2), (log) => new CommandProvider(log));
