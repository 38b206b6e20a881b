import { succeeding } from "../proxy/changed-request.ts";
import { INTERNAL_ERROR, problemResponse } from "../proxy/problem.ts";
import { letGo } from "../transport/let-go.ts";
import type { Middleware, Next, RequestContext } from "./middleware.ts";

/** Answers a request. Never throws and never rejects. */
export type Answerer = (request: Request, context: RequestContext) => Promise<Response>;

/**
 * Told of every middleware that threw, called `next` twice, or gave something that is no answer.
 *
 * @param middleware The function's name, or its number in the chain, from 1 on.
 */
export type OnMiddlewareFault = (error: unknown, middleware: string, context: RequestContext) => void;

/**
 * Makes one function of a chain of middlewares and what answers at its end. Requests pass the first one first, and
 * answers pass it last.
 *
 * A middleware's fault is the client's 500, seen by those before it like any other answer.
 */
export function compose(
  middlewares: readonly Middleware[],
  last: Answerer,
  onFault: OnMiddlewareFault,
): Answerer {
  return middlewares.reduceRight<Answerer>((following, middleware, index) => {
    return link(middleware, following, faultAnswer(middleware.name || `${index + 1}`, onFault));
  }, last);
}

/** What a client gets instead of a faulty middleware's answer. */
type FaultAnswer = (error: unknown, context: RequestContext) => Response;

function faultAnswer(name: string, onFault: OnMiddlewareFault): FaultAnswer {
  return (error, context) => {
    try {
      onFault(error, name, context);
    } catch {
      // Whoever writes logs has no way to say that it cannot, and the client's answer must not hang on it.
    }
    return problemResponse(INTERNAL_ERROR);
  };
}

function link(middleware: Middleware, following: Answerer, failed: FaultAnswer): Answerer {
  return (request, context) => {
    let passedOn: Promise<Response> | undefined;
    const next: Next = (changed) => {
      // Not thrown: where nobody waits for it any more, it would end the program.
      if (passedOn !== undefined) return Promise.resolve(failed(new Error(CALLED_TWICE), context));
      passedOn = following(succeeding(changed, request), context);
      return passedOn;
    };
    const answerInstead = (error: unknown) => {
      void passedOn?.then(discardAnswer);
      return failed(error, context);
    };
    let answer: Response | Promise<Response>;
    try {
      answer = middleware(request, next, context);
    } catch (error) {
      return Promise.resolve(answerInstead(error));
    }
    // Most of the time, and looked at already.
    if (passedOn !== undefined && answer === passedOn) return passedOn;
    const checked = (given: Response) => (isAnswer(given) ? given : answerInstead(new TypeError(NO_ANSWER)));
    if (answer instanceof Promise) return answer.then(checked, answerInstead);
    // A thenable that is no Promise is as good as one where it is awaited, so it is here too.
    if (typeof (answer as unknown as PromiseLike<Response> | undefined)?.then === "function") {
      return Promise.resolve(answer).then(checked, answerInstead);
    }
    return Promise.resolve(checked(answer));
  };
}

const CALLED_TWICE = "next was called twice for one request";
const NO_ANSWER = "it gave something that is no Response, or one whose body was read";

/** What callers from JavaScript may give is anything. */
function isAnswer(given: unknown): given is Response {
  return given instanceof Response && given.status >= 200 && !given.bodyUsed;
}

/** Lets go of an answer that nobody gets, so that its backend is done with it. */
export function discardAnswer(answer: Response): void {
  if (answer.body !== null && !answer.body.locked) void letGo(answer.body);
}
