import { expect, it } from "vitest";
import { GrowingTree, leafHash, parseNote, parseVkey, signersOf } from "./index.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

// The leaves and roots that Certificate Transparency implementations test themselves with.
it("hashes the tree that other implementations of RFC 6962 publish", async () => {
  const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  const roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  ];
  const tree = new GrowingTree();
  expect(hex(await tree.root())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (const [at, leaf] of leaves.entries()) {
    await tree.append(await leafHash(Buffer.from(leaf, "hex")));
    if (roots[at] !== undefined) expect(hex(await tree.root())).toBe(roots[at]);
  }
  expect(hex(await tree.root())).toBe("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
});

// From the documentation of Go's note package.
it("verifies a note that another implementation signed", async () => {
  const key = await parseVkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  const note = parseNote(
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
      "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
  );
  expect(await signersOf(note, [key])).toEqual([key]);
});
