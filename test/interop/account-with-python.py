# Figures of dp_accounting (Google) and OpenDP for dp-accounting.spec.ts, as one JSON object.
import json

import dp_accounting as dpa
import opendp.prelude as dp
from dp_accounting import pld, rdp

dp.enable_features("contrib")


def sampled(accountant, steps):
    gaussian = dpa.GaussianDpEvent(1.1)
    event = dpa.SelfComposedDpEvent(dpa.PoissonSampledDpEvent(256 / 60000, gaussian), steps)
    return accountant.compose(event).get_epsilon(1e-5)


def laplace(scale, count):
    event = dpa.SelfComposedDpEvent(dpa.LaplaceDpEvent(scale), count)
    return pld.PLDAccountant().compose(event).get_epsilon(1e-4)


gaussian = dp.m.make_gaussian(dp.atom_domain(T=int), dp.absolute_distance(T=int), scale=4.0)
discrete = dp.m.make_laplace(dp.atom_domain(T=int), dp.absolute_distance(T=int), scale=12.0)
print(
    json.dumps(
        {
            "sampledByRenyi": sampled(rdp.RdpAccountant(), 14100),
            "sampledByLossDistribution": sampled(pld.PLDAccountant(), 14100),
            "twentyLaplace": laplace(13.6, 20),
            "gaussianNoise": {
                f"{epsilon} {delta}": dpa.get_sigma_gaussian(epsilon, delta)
                for epsilon, delta in [(1, 1e-5), (1, 1e-6), (0.1, 1e-6), (10, 1e-9)]
            },
            "gaussianRho": gaussian.map(d_in=1),
            "epsilonOfRho": dp.c.make_zCDP_to_approxDP(gaussian).map(d_in=1).epsilon(delta=1e-3),
            "laplaceEpsilon": discrete.map(d_in=6),
        }
    )
)
