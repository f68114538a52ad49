import { type Actor, CurrentActor } from '@castellan/access';
import {
  Answer,
  AskQuestion as AskQuestionRequest,
  ExplainQuestion as ExplainQuestionRequest,
  QueryPrice,
  QuestionPlan,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { FindDataset } from '../dataset/find-dataset.js';
import { AskQuestion } from './ask-question.js';
import { ExplainQuestion } from './explain-question.js';
import { PriceQuestion } from './price-question.js';

/** Questions to protected datasets: first the price, then the answer. */
@Controller('api/v1/datasets/:dataset')
export class QuestionController {
  constructor(
    private readonly find: FindDataset,
    private readonly priceQuestion: PriceQuestion,
    private readonly askQuestion: AskQuestion,
    private readonly explainQuestion: ExplainQuestion,
  ) {}

  @Post('price')
  @Endpoint({
    permission: 'ask:Dataset',
    summary: 'What a question would cost and how noisy its answer would be',
    input: AskQuestionRequest,
    output: QueryPrice,
  })
  async price(
    @Param('dataset') ref: string,
    @Body() request: AskQuestionRequest,
    @CurrentActor() actor: Actor,
  ): Promise<QueryPrice> {
    return this.priceQuestion.execute(await this.find.execute(actor, ref, 'ask'), request);
  }

  @Post('plan')
  @Endpoint({
    permission: 'read:Dataset',
    summary:
      'The bounding plan of a question as SQL for Spark or PostgreSQL; touches no data and costs nothing',
    input: ExplainQuestionRequest,
    output: QuestionPlan,
  })
  async plan(
    @Param('dataset') ref: string,
    @Body() request: ExplainQuestionRequest,
    @CurrentActor() actor: Actor,
  ): Promise<QuestionPlan> {
    return this.explainQuestion.execute(await this.find.execute(actor, ref), request);
  }

  @Post('queries')
  @Endpoint({
    permission: 'ask:Dataset',
    summary: 'Ask a question; the answer is noisy and charged to the ledger',
    input: AskQuestionRequest,
    output: Answer,
  })
  async ask(
    @Param('dataset') ref: string,
    @Body() request: AskQuestionRequest,
    @CurrentActor() actor: Actor,
  ): Promise<Answer> {
    return this.askQuestion.execute(actor, await this.find.execute(actor, ref, 'ask'), request);
  }
}
