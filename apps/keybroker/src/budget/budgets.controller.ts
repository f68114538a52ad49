import { GrantedRaise, GrantedRaises, GrantedRaisesRequest, RaiseBudgetRequest } from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Post } from '@nestjs/common';
import { RaiseBudget } from './raise-budget.js';

/** Limits of privacy ledgers that people have signed to be higher. */
@Controller('v1/budgets')
export class BudgetsController {
  constructor(private readonly raiseBudget: RaiseBudget) {}

  @Post('raise')
  @Endpoint({
    peers: ['api'],
    summary: 'Change a limit of a privacy ledger, as a request says: up if two have signed it, or down',
    input: RaiseBudgetRequest,
    output: GrantedRaise,
  })
  raise(@Body() { taskId }: RaiseBudgetRequest, @CurrentPeer() peer: Peer): Promise<GrantedRaise> {
    return this.raiseBudget.raise(taskId, peer);
  }

  @Post('raises')
  @Endpoint({
    peers: ['api', 'jobs'],
    summary: 'What has been granted to a dataset',
    input: GrantedRaisesRequest,
    output: GrantedRaises,
  })
  raises(@Body() { datasetId, declaration }: GrantedRaisesRequest): GrantedRaises {
    return { raises: [...this.raiseBudget.raisesOf(datasetId, declaration)] };
  }
}
