using Graph.Execution;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>The continue head and the softmax cross-entropy of <see cref="TrmContinue"/> against computations by hand (trm.md 2.2, 2.3).</summary>
public sealed class ContinueHeadTests
{
    private const int Batch = 3;
    private const int Identifiers = 4;

    private static readonly TrainerOptions Options = new()
    {
        TotalSteps = 1000, LearningRate = 3e-3, PuzzleLearningRate = 1e-3, WarmupSteps = 5, HaltMaxSteps = 3, ExplorationProbability = 0.2,
        PuzzleIdentifiers = Identifiers, Seed = 2,
    };

    /// <summary>A second model with the same weights, states and inputs takes the pass on the new carry.</summary>
    [Fact]
    public void Target_loss_gradient_and_halting_follow_the_definition()
    {
        using RecursiveModel model = Create(), twin = Create();
        var trainer = new Trainer(model, Options);
        var data = new TrainingData(model, Batch, Identifiers);
        int lastSeen = 0, largerContinue = 0;
        for (var step = 0; step < 12; step++)
        {
            data.Draw(step);
            bool[] halted = trainer.Carry.Halted.ToArray();
            int[] steps = trainer.Carry.Steps.ToArray();
            Mirror(model, twin, trainer, data, halted);
            twin.Step(gradient: false);
            float[] now = twin.Floats(twin.Ports["halt"]).ToArray();
            float[] exact = twin.Floats(twin.Ports["loss.exact"]).ToArray();
            twin.Step(gradient: false);
            float[] next = twin.Floats(twin.Ports["halt"]).ToArray();

            var result = trainer.Step(data.Tokens, data.Labels, data.Ids);
            double continueLoss = 0, haltGradient = 0, continueGradient = 0;
            for (var slot = 0; slot < Batch; slot++)
            {
                var spent = (halted[slot] ? 0 : steps[slot]) + 1;
                var last = spent == Options.HaltMaxSteps;
                double halt = next[2 * slot], goOn = next[2 * slot + 1];
                var target = Sigmoid(last ? halt : Math.Max(halt, goOn));
                Assert.Equal(target, model.Floats(model.Ports["continueTarget"])[slot], 1e-6);
                double q = now[2 * slot + 1];
                continueLoss += Math.Log(1 + Math.Exp(q)) - target * q;
                continueGradient += 0.5 / Batch * (Sigmoid(q) - target);
                haltGradient += 0.5 / Batch * (Sigmoid(now[2 * slot]) - exact[slot]);
                if (last || now[2 * slot] <= now[2 * slot + 1])
                {
                    Assert.Equal(last, trainer.Carry.Halted[slot]);
                }

                lastSeen += last ? 1 : 0;
                largerContinue += !last && goOn > halt ? 1 : 0;
            }

            Assert.Equal(continueLoss, result.ContinueLoss, 1e-5);
            Assert.Equal(result.LmLoss + 0.5 * (result.HaltLoss + result.ContinueLoss), result.Loss, 1e-9);
            var bias = (int)model.Parameters.Single(p => p.Name == "inner.q_head.bias").Offset;
            Assert.Equal(haltGradient, model.Gradients[bias], 1e-6);
            Assert.Equal(continueGradient, model.Gradients[bias + 1], 1e-6);
        }

        Assert.True(lastSeen > 0 && largerContinue > 0, $"{lastSeen} last steps and {largerContinue} larger continue logits");
    }

    /// <summary>
    /// Along the gradient, the loss with the target held fixed changes as the gradient says. Of the heads alone: to earlier weights only the
    /// last high cycle sends gradient, which is not the derivative of the whole.
    /// </summary>
    [Fact]
    public void Gradients_agree_with_differences()
    {
        using RecursiveModel model = Create(), twin = Create();
        var trainer = new Trainer(model, Options with { LearningRate = 0, PuzzleLearningRate = 0 });
        var data = new TrainingData(model, Batch, Identifiers);
        data.Draw(0);
        Mirror(model, twin, trainer, data, trainer.Carry.Halted.ToArray());
        float[][] states = [.. twin.States.Select(s => twin.Floats(s.Port).ToArray())];
        trainer.Step(data.Tokens, data.Labels, data.Ids);
        model.Floats(model.Ports["continueTarget"]).CopyTo(twin.Floats(twin.Ports["continueTarget"]));
        float[] weights = model.Weights.ToArray(), gradients = model.Gradients.ToArray();
        foreach (var parameter in model.Parameters.Where(p => p.Name.Contains("_head", StringComparison.Ordinal)))
        {
            var (at, count) = ((int)parameter.Offset, (int)parameter.Count);
            var norm = GradientNorm.Of(gradients.AsSpan(at, count));
            var size = 1e-2 * Math.Max(0.1, GradientNorm.Of(weights.AsSpan(at, count)));
            double Moved(double by)
            {
                weights.CopyTo(twin.Weights);
                for (var i = at; i < at + count; i++)
                {
                    twin.Weights[i] += (float)(by * gradients[i] / norm);
                }

                twin.WeightsChanged();
                for (var s = 0; s < states.Length; s++)
                {
                    states[s].CopyTo(twin.Floats(twin.States[s].Port));
                }

                twin.Step(gradient: false);
                return (Sum(twin, "loss") + 0.5 * (Sum(twin, "haltLoss") + Sum(twin, "continueLoss"))) / Batch;
            }

            Assert.Equal(norm, (Moved(size) - Moved(-size)) / (2 * size), 1e-2 * norm);
        }
    }

    [Fact]
    public void Softmax_training_learns_a_fixed_batch()
    {
        using RecursiveModel model = Create();
        var trainer = new Trainer(model, Options);
        var data = new TrainingData(model, Batch, Identifiers);
        data.Draw(0);
        double first = 0, last = 0;
        for (var step = 0; step < 500; step++)
        {
            last = trainer.Step(data.Tokens, data.Labels, data.Ids).LmLoss / Batch;
            first = step == 0 ? last : first;
        }

        // ln 7 = 1.95 is the loss of a guess.
        Assert.InRange(first, 1.5, 4);
        Assert.InRange(last, 0, 0.2);
    }

    private static RecursiveModel Create()
    {
        var model = TrmContinue.Tiny.Create(Batch, 1);
        Initializer.Fill(model, 9);

        // The heads start at zero; logits that differ and lie on both sides of each other show every branch.
        foreach (var parameter in model.Parameters.Where(p => p.Name.Contains("q_head", StringComparison.Ordinal)))
        {
            var random = new CounterRandom(1, parameter.Offset, 0, 0);
            foreach (ref var value in model.Weights.Slice((int)parameter.Offset, (int)parameter.Count))
            {
                value = (float)random.NextDouble(-0.3, 0.3);
            }
        }

        model.WeightsChanged();
        return model;
    }

    /// <summary>Puts into the twin what the model will compute on: weights, refilled slots, their puzzle vectors and states.</summary>
    private static void Mirror(RecursiveModel model, RecursiveModel twin, Trainer trainer, TrainingData data, bool[] halted)
    {
        model.Weights.CopyTo(twin.Weights);
        twin.WeightsChanged();
        var cells = trainer.Carry.Cells;
        var ids = trainer.Carry.PuzzleIds.ToArray();
        foreach (var (port, carried, offered) in new[] { ("tokens", trainer.Carry.Tokens.ToArray(), data.Tokens), ("labels", trainer.Carry.Labels.ToArray(), data.Labels) })
        {
            for (var i = 0; i < carried.Length; i++)
            {
                twin.Ints(twin.Ports[port])[i] = halted[i / cells] ? offered[i] : carried[i];
            }
        }

        for (var s = 0; s < model.States.Count; s++)
        {
            var state = model.States[s];
            var values = twin.Floats(twin.States[s].Port);
            model.Floats(state.Port).CopyTo(values);
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = halted[i / (values.Length / Batch)] ? state.InitRow[i % state.InitRow.Length] : values[i];
            }
        }

        for (var slot = 0; slot < Batch; slot++)
        {
            ids[slot] = halted[slot] ? data.Ids[slot] : ids[slot];
        }

        trainer.Puzzles!.Gather(ids, twin.Floats(twin.Ports["puzzle"]));
    }

    private static double Sum(RecursiveModel model, string port) => model.Floats(model.Ports[port]).ToArray().Sum(v => (double)v);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
