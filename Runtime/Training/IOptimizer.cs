namespace Graph.Training;

/// <summary>
/// An optimiser over a flat arena of weights. A step is <see cref="BeginStep"/> once, then <see cref="Update"/> for ranges that cover the
/// arena: the update is element-wise, so every partition, in any order and on any threads, gives the same bits.
/// </summary>
public interface IOptimizer
{
    /// <summary>Name stored in checkpoints.</summary>
    string Name { get; }

    /// <summary>Steps taken so far; the bias corrections depend on it.</summary>
    long StepCount { get; set; }

    /// <summary>Running mean of the gradient, one value a weight.</summary>
    Span<float> FirstMoment { get; }

    /// <summary>Running mean of the squared gradient, one value a weight.</summary>
    Span<float> SecondMoment { get; }

    /// <summary>Counts a step and fixes its learning rate.</summary>
    void BeginStep(double learningRate);

    /// <summary>Updates a range of the arena.</summary>
    /// <param name="offset">Its first element in the arena.</param>
    /// <param name="weights">The range's weights.</param>
    /// <param name="gradients">The range's gradients.</param>
    /// <param name="gradientScale">Factor on the gradients (clipping); 1: none.</param>
    /// <param name="decay">False: without weight decay.</param>
    /// <param name="rateFactor">Factor on the step's learning rate; 1: none.</param>
    void Update(int offset, Span<float> weights, ReadOnlySpan<float> gradients, float gradientScale = 1, bool decay = true, double rateFactor = 1);
}
