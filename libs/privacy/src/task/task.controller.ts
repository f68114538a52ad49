import { Readable } from 'node:stream';
import { type Actor, CurrentActor, visible } from '@castellan/access';
import {
  DataEvaluation,
  DatasetTask,
  DatasetTaskList,
  OpenResult as OpenResultRequest,
  ResultKey,
  StartTask,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Header, Param, Post, StreamableFile } from '@nestjs/common';
import { FindDataset } from '../dataset/find-dataset.js';
import { CancelTask } from './cancel-task.js';
import { FindTask } from './find-task.js';
import { OpenResult } from './open-result.js';
import { ReviewTask } from './review-task.js';
import { RequestTask } from './request-task.js';
import { showTask } from './show-task.js';
import { TaskStore } from './task-store.js';

/** Work on protected tables: asked for, watched, cancelled, and its sealed results. */
@Controller('api/v1/datasets/:dataset/tasks')
export class TaskController {
  constructor(
    private readonly datasets: FindDataset,
    private readonly tasks: TaskStore,
    private readonly find: FindTask,
    private readonly requestTask: RequestTask,
    private readonly cancelTask: CancelTask,
    private readonly openResult: OpenResult,
    private readonly review: ReviewTask,
  ) {}

  @Post()
  @Endpoint({
    permission: 'request:DatasetTask',
    summary: 'Ask for work on a protected table or for a higher limit, or lower one at once',
    input: StartTask,
    output: DatasetTask,
    status: 201,
  })
  async request(
    @Param('dataset') ref: string,
    @Body() { request }: StartTask,
    @CurrentActor() actor: Actor,
  ): Promise<DatasetTask> {
    const dataset = await this.datasets.execute(actor, ref, 'work');
    const task = await this.requestTask.execute(actor, dataset, request);
    return showTask(task.kind === 'lower' ? await this.review.start(actor, task) : task);
  }

  @Get()
  @Endpoint({
    permission: 'read:DatasetTask',
    summary: 'Work on a protected table, newest first',
    output: DatasetTaskList,
  })
  async list(@Param('dataset') ref: string, @CurrentActor() actor: Actor): Promise<DatasetTaskList> {
    const { id } = await this.datasets.execute(actor, ref);
    const tasks = await this.tasks.visibleOf(visible(actor, 'DatasetTask'), id);
    return { tasks: tasks.map(showTask) };
  }

  @Get(':task')
  @Endpoint({
    permission: 'read:DatasetTask',
    summary: 'Show work on a protected table',
    output: DatasetTask,
  })
  async show(
    @Param('dataset') dataset: string,
    @Param('task') task: string,
    @CurrentActor() actor: Actor,
  ): Promise<DatasetTask> {
    return showTask(await this.find.execute(actor, dataset, task));
  }

  @Get(':task/evaluation')
  @Endpoint({
    permission: 'read:DatasetTask',
    summary: 'Whether a request has the signatures it takes, judged by the keybroker',
    output: DataEvaluation,
  })
  async evaluation(
    @Param('dataset') dataset: string,
    @Param('task') task: string,
    @CurrentActor() actor: Actor,
  ): Promise<DataEvaluation> {
    return this.review.evaluate(await this.find.execute(actor, dataset, task));
  }

  @Post(':task/start')
  @Endpoint({
    permission: 'start:DatasetTask',
    summary: 'Begin work whose request has been signed',
    output: DatasetTask,
  })
  async start(
    @Param('dataset') dataset: string,
    @Param('task') task: string,
    @CurrentActor() actor: Actor,
  ): Promise<DatasetTask> {
    return showTask(await this.review.start(actor, await this.find.execute(actor, dataset, task, 'start')));
  }

  @Post(':task/cancel')
  @Endpoint({
    permission: 'request:DatasetTask',
    summary: 'Cancel work on a protected table',
    output: DatasetTask,
  })
  async cancel(
    @Param('dataset') dataset: string,
    @Param('task') task: string,
    @CurrentActor() actor: Actor,
  ): Promise<DatasetTask> {
    const found = await this.find.execute(actor, dataset, task, 'request');
    return showTask(await this.cancelTask.execute(actor, found));
  }

  @Post(':task/key')
  @Endpoint({
    permission: 'open:DatasetTask',
    summary: 'The key of a result, sealed to a key of yours',
    input: OpenResultRequest,
    output: ResultKey,
  })
  async key(
    @Param('dataset') dataset: string,
    @Param('task') task: string,
    @Body() { publicKey }: OpenResultRequest,
    @CurrentActor() actor: Actor,
  ): Promise<ResultKey> {
    return this.openResult.key(actor, await this.find.execute(actor, dataset, task, 'open'), publicKey);
  }

  @Get(':task/result')
  @Header('content-type', 'application/octet-stream')
  @Endpoint({ permission: 'open:DatasetTask', summary: 'The result, sealed' })
  async result(
    @Param('dataset') dataset: string,
    @Param('task') task: string,
    @CurrentActor() actor: Actor,
  ): Promise<StreamableFile> {
    const found = await this.find.execute(actor, dataset, task, 'open');
    return new StreamableFile(Readable.from(this.openResult.ciphertext(found)));
  }
}
