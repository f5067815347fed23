// Hocuspocus as it comes: documents in memory, nobody asked who he is.
import { Server } from "@hocuspocus/server";

const server = new Server({
  address: process.env.HOST,
  port: Number(process.env.PORT),
  quiet: true,
});
await server.listen();
