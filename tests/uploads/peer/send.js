// node send.js ADDRESS SLOT FILE [PIECE]: sends the file as tus-js-client does, and goes on when the line breaks.
import { readFileSync } from "node:fs";
import { Upload } from "tus-js-client";

const [endpoint, slot, path, piece] = process.argv.slice(2);
const upload = new Upload(readFileSync(path), {
  endpoint,
  metadata: { slot },
  chunkSize: piece ? Number(piece) : Infinity,
  retryDelays: Array(40).fill(50),
  onError: (problem) => {
    console.error(problem.message);
    process.exit(1);
  },
  onSuccess: () => console.log(upload.url),
});
upload.start();
