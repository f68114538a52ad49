import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { validateInputs, type Signature, type Tensor } from '@castellan/tensors';
import { EvaluationClient } from '../routing/evaluation-client.js';
import type { ReadyWorker, Route } from '../routing/route.js';
import { RoutingTable } from '../routing/routing-table.js';
import { WorkerClient } from '../routing/worker-client.js';
import type { RequestOrigin } from '../serving-events.js';
import { Admission } from './admission.js';
import { outputsInOrder } from './outputs-in-order.js';
import { PredictionRecord } from './prediction-record.js';
import { ReachableRoutes } from './reachable-routes.js';
import { isWithoutWeights, notApproved, notReady, refusalOf } from './refusal.js';

/** Somebody asks for a prediction. */
export interface PredictionCall<Answer> {
  readonly actor: Actor;
  readonly origin: RequestOrigin;
  /** The deployment that the address names, if it names one. */
  readonly name?: string;
  /** Takes the request off the wire. @throws when it can't be read; what it holds is judged later */
  read(): Promise<PredictionRequest<Answer>>;
}

/** A request as one surface (the one-call API, the Open Inference Protocol) carries it, and how it wants its answer. */
export interface PredictionRequest<Answer> {
  /** The deployment, where the address doesn't name it; absent in both: the one that the caller reaches. */
  readonly name?: string;
  /** What the request holds, in any order. @throws TensorError, ServingError `input_malformed` */
  inputs(route: Route, signature: Signature): readonly Tensor[];
  /** @throws TensorError `tensor_not_json` when the surface can't carry the values exactly */
  answer(prediction: Prediction): Answer;
}

export interface Prediction {
  readonly route: Route;
  readonly worker: ReadyWorker;
  /** In the signature's order. */
  readonly outputs: readonly Tensor[];
}

/**
 * One prediction: may the caller reach the deployment, is there room, is it served, does the input fit → the worker → the
 * record, durable → the answer. What is refused is recorded before it is refused, except by a full queue (see DESIGN.md).
 *
 * A worker that says that it holds no weights is believed at once, whatever was last polled.
 */
@Injectable()
export class Predict {
  #turn = 0;

  constructor(
    private readonly reachable: ReachableRoutes,
    private readonly routes: RoutingTable,
    private readonly workers: WorkerClient,
    private readonly evaluations: EvaluationClient,
    private readonly admission: Admission,
    private readonly record: PredictionRecord,
  ) {}

  /**
   * @throws deployment_unknown, not_permitted, model_ambiguous, not_approved, not_ready, deployment_failed, queue_full;
   *   what the request, the worker and the audit log throw
   */
  async execute<Answer>(call: PredictionCall<Answer>): Promise<Answer> {
    const { actor } = call;
    let { name } = call;
    let route: Route | undefined;
    try {
      // Nobody sends megabytes to a deployment that they may not call, or that is not served.
      if (name !== undefined) {
        route = await this.reachable.find(actor, name);
        requireWorker(route);
      }
      const request = await call.read();
      name ??= request.name;
      route ??= await this.reachable.find(actor, name);
      name = route.name;
      return await this.#admitted(call, name, request);
    } catch (error) {
      await this.record.refused(call, { name, route, error });
      throw error;
    }
  }

  #admitted<Answer>(
    call: PredictionCall<Answer>,
    name: string,
    request: PredictionRequest<Answer>,
  ): Promise<Answer> {
    return this.admission.run(name, async () => {
      // Looked up when its turn has come: it may have waited.
      const route = this.reachable.findNow(call.actor, name);
      const { signature } = requireWorker(route);
      const inputs = validateInputs(signature, request.inputs(route, signature));
      const prediction = await this.#infer(route, inputs);
      const answer = request.answer(prediction);
      await this.record.served(call, prediction, inputs);
      return answer;
    });
  }

  /** Asks the workers one after another, beginning with the next in turn, until one has the weights. */
  async #infer(route: Route, inputs: readonly Tensor[]): Promise<Prediction> {
    const { workers } = route;
    const start = this.#turn++;
    for (let step = 0; step < workers.length; step++) {
      const worker = workers[(start + step) % workers.length];
      if (worker === undefined) break;
      try {
        const { outputs, versionDigest } = await this.workers.infer(worker.address, route.name, inputs);
        if (versionDigest !== worker.versionDigest) throw notReady(route.name);
        return { route, worker, outputs: outputsInOrder(worker.signature, outputs) };
      } catch (error) {
        if (!isWithoutWeights(error)) throw error;
        await this.#withdraw(route, worker);
      }
    }
    throw notReady(route.name);
  }

  /** @throws not_approved when that is why the worker has no weights; then the others won't have them either */
  async #withdraw(route: Route, worker: ReadyWorker): Promise<void> {
    this.routes.withdraw(route, worker);
    const evaluation = await this.evaluations.evaluate(route.versionId).catch(() => undefined);
    if (evaluation?.allowed !== false) return;
    this.routes.refuse(route, evaluation.reasons);
    throw notApproved(route.name, evaluation.reasons);
  }
}

/** Any of the route's workers: they all run the same version. @throws why there is none */
function requireWorker(route: Route): ReadyWorker {
  const [worker] = route.workers;
  if (worker === undefined) throw refusalOf(route);
  return worker;
}
