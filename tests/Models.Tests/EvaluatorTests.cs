using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Evaluation with a step budget of its own and with early halting.</summary>
public sealed class EvaluatorTests
{
    private const int Samples = 11;

    /// <summary>
    /// Every sample's prediction is that of the fixed-budget run which stops where the sample did: neither the slots around it, nor when
    /// they end, nor the batch size change it.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(16)]
    public void Early_halting_changes_no_other_sample(int batch)
    {
        const int Budget = 6;
        using var model = TrmAttention.Tiny.Create(batch, 1);
        Initializer.Fill(model, 4);
        var head = model.Parameters.Single(p => p.Name == "inner.q_head.weight");
        var random = new CounterRandom(1, 0, 0, 0);
        foreach (ref var value in model.Weights.Slice((int)head.Offset, (int)head.Count))
        {
            value = (float)random.NextNormal();
        }

        model.WeightsChanged();
        var table = new SparseTable(3, 64);
        foreach (ref var value in table.Rows)
        {
            value = (float)random.NextNormal();
        }

        var data = new TrainingData(model, Samples, 3);
        data.Draw(0);
        int[] predictions = new int[data.Tokens.Length], steps = new int[Samples];
        var result = new Evaluator(model, table, Budget, haltThreshold: -5).Run(data.Tokens, data.Labels, data.Ids, predictions, stepsTaken: steps);
        Assert.Equal(steps.Sum(), result.Steps);
        Assert.Equal(Samples, result.Count);
        Assert.True(steps.Min() < steps.Max(), $"All samples took {steps.Min()} steps.");
        var cells = predictions.Length / Samples;
        for (var budget = 1; budget <= Budget; budget++)
        {
            var whole = new int[predictions.Length];
            var fixedSteps = new Evaluator(model, table, budget).Run(data.Tokens, data.Labels, data.Ids, whole);
            Assert.Equal(budget * Samples, fixedSteps.Steps);
            for (var sample = 0; sample < Samples; sample++)
            {
                if (steps[sample] == budget)
                {
                    Assert.Equal(whole[(sample * cells)..((sample + 1) * cells)], predictions[(sample * cells)..((sample + 1) * cells)]);
                }
            }
        }
    }

    [Fact]
    public void The_budget_is_not_that_of_training()
    {
        using var model = TrmAttention.Tiny.Create(2, 1);
        Initializer.Fill(model, 4);
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 9, HaltMaxSteps = 2 });
        var data = new TrainingData(model, 2, 1);
        data.Draw(0);
        Assert.Equal(10, new Evaluator(model, trainer.Puzzles, steps: 5).Run(data.Tokens, data.Labels, data.Ids).Steps);
        Assert.Contains("evaluation steps", Assert.Throws<GraphException>(() => new Evaluator(model, trainer.Puzzles, steps: 0)).Message, StringComparison.Ordinal);
        Assert.Contains("threshold", Assert.Throws<GraphException>(() => new Evaluator(model, trainer.Puzzles, 1, double.NaN)).Message, StringComparison.Ordinal);
    }
}
