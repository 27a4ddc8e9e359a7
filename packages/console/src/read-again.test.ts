import { InfiniteQueryObserver, QueryClient, QueryObserver } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { openReadAgain } from "./read-again.ts";

/** A reading that ends when the test says so; what it gives is how many began before it. */
function openReadings() {
  const waiting: (() => void)[] = [];
  let begun = 0;
  return {
    read: () => {
      const at = begun++;
      return new Promise<number>((resolve) => waiting.push(() => resolve(at)));
    },
    begun: () => begun,
    end: () => waiting.shift()?.(),
  };
}

const news = new Set(["actions"]);
const many = 20;

describe("what news make stale", () => {
  it("is read to its end and then once more, however many come meanwhile", async () => {
    const queries = new QueryClient();
    const { read, begun, end } = openReadings();
    const observer = new QueryObserver(queries, { queryKey: ["actions", "list"], queryFn: read });
    const leave = observer.subscribe(() => undefined);
    const { stale, close } = openReadAgain(queries);
    end();
    await expect.poll(() => observer.getCurrentResult().data).toBe(0);
    for (let times = 0; times < many; times++) stale(news);
    expect(begun()).toBe(2);
    end();
    await expect.poll(() => observer.getCurrentResult().data).toBe(1);
    await expect.poll(begun).toBe(3);
    end();
    await expect.poll(() => observer.getCurrentResult().data).toBe(2);
    expect(observer.getCurrentResult().isFetching).toBe(false);
    expect(begun()).toBe(3);
    leave();
    close();
  });

  it("leaves the next page that somebody asked for alone until it came", async () => {
    const queries = new QueryClient();
    const { read, begun, end } = openReadings();
    const observer = new InfiniteQueryObserver(queries, {
      queryKey: ["actions", "list"],
      queryFn: read,
      initialPageParam: 0,
      getNextPageParam: () => 1,
    });
    const leave = observer.subscribe(() => undefined);
    const { stale, close } = openReadAgain(queries);
    const pages = () => observer.getCurrentResult().data?.pages;
    end();
    await expect.poll(pages).toEqual([0]);
    const asked = observer.fetchNextPage();
    stale(news);
    end();
    await asked;
    expect(pages()).toEqual([0, 1]);
    await expect.poll(begun).toBe(3);
    end();
    await expect.poll(begun).toBe(4);
    end();
    await expect.poll(pages).toEqual([2, 3]);
    leave();
    close();
  });

  it("comes to its error where it fails, however many news come meanwhile", async () => {
    const queries = new QueryClient();
    let begun = 0;
    const observer = new QueryObserver(queries, {
      queryKey: ["actions", "list"],
      queryFn: () => (begun++ === 0 ? Promise.resolve(0) : Promise.reject(new Error("away"))),
      retry: 2,
      retryDelay: 30,
    });
    const leave = observer.subscribe(() => undefined);
    const { stale, close } = openReadAgain(queries);
    await expect.poll(() => observer.getCurrentResult().data).toBe(0);
    const coming = setInterval(() => stale(news), 10);
    await expect.poll(() => observer.getCurrentResult().error?.message).toBe("away");
    clearInterval(coming);
    leave();
    close();
  });

  it("is what begins so, and nothing else", async () => {
    const queries = new QueryClient();
    const { read, begun, end } = openReadings();
    const observer = new QueryObserver(queries, { queryKey: ["runs"], queryFn: read });
    const leave = observer.subscribe(() => undefined);
    const { stale, close } = openReadAgain(queries);
    end();
    await expect.poll(() => observer.getCurrentResult().data).toBe(0);
    stale(news);
    expect(begun()).toBe(1);
    leave();
    close();
  });
});
