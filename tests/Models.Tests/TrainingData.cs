using Graph.Execution;
using Graph.Training;

namespace Graph.Models.Tests;

/// <summary>Random samples for a model, a function of (step, row) alone, so that a resumed run sees what the first would have seen.</summary>
internal sealed class TrainingData
{
    private readonly int cells;
    private readonly int vocabulary;
    private readonly int identifiers;

    /// <param name="model">Gives the sizes.</param>
    /// <param name="rows">Samples a draw.</param>
    /// <param name="identifiers">Rows of the puzzle table.</param>
    public TrainingData(RecursiveModel model, int rows, int identifiers)
    {
        cells = model.Ports["tokens"].Shape[1];
        vocabulary = model.Ports["logits"].Shape[^1];
        this.identifiers = identifiers;
        Tokens = new int[rows * cells];
        Labels = new int[rows * cells];
        Ids = new int[rows];
    }

    public int[] Tokens { get; }

    public int[] Labels { get; }

    public int[] Ids { get; }

    /// <summary>Draws the samples of a step, then takes it.</summary>
    public TrainStepResult Step(Trainer trainer)
    {
        Draw(trainer.StepCount);
        return trainer.Step(Tokens, Labels, Ids);
    }

    public void Draw(long step)
    {
        for (var row = 0; row < Ids.Length; row++)
        {
            var random = new CounterRandom(11, step, (uint)row, 9);
            Ids[row] = random.NextInt(0, identifiers - 1);
            for (var cell = row * cells; cell < (row + 1) * cells; cell++)
            {
                Tokens[cell] = random.NextInt(0, vocabulary - 1);
                Labels[cell] = random.NextInt(0, 3) == 0 ? -100 : random.NextInt(0, vocabulary - 1);
            }
        }
    }
}
