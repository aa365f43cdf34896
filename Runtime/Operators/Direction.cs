namespace Graph.Operators;

/// <summary>The order in which a sequence operator walks the tokens. Kernels get +1 or -1.</summary>
public enum Direction
{
    Forward = 1,

    /// <summary>Index t becomes T - 1 - t.</summary>
    Backward = -1,
}
