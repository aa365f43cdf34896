using Graph.Lanes;

namespace Graph.Operators;

// The closed set of operator kinds (anchors 3.4). The generator knows these four and never a single operator:
// it reads which interface a struct implements, its attributes and the *signatures* of its methods, never a body.
//
// An operator's numeric parameters are its primary constructor: `new RmsNorm(1e-5f)`. The attribute that places the
// operator has constructor parameters of the same names.

/// <summary>y = f(x), element by element.</summary>
public interface IPointwise1
{
    T Forward<T>(T x) where T : struct, ILane<T>;

    /// <summary>dx from the input, the output and the output's gradient. Read only what <see cref="BackwardReadsAttribute"/> names.</summary>
    T Backward<T>(T x, T y, T dy) where T : struct, ILane<T>;
}

/// <summary>y = f(a, b), element by element.</summary>
public interface IPointwise2
{
    T Forward<T>(T a, T b) where T : struct, ILane<T>;

    (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T>;
}

/// <summary>
/// y = f(x, s) where s is one statistic of the row: s = finish(sum of accumulate(x)). The backward has one more
/// reduction: c = finishBackward(sum of accumulateBackward), dx = applyBackward(.., s, c).
/// A lane holds neighbouring elements of one row, or the same element of neighbouring columns: the methods cannot tell.
/// </summary>
public interface IRowOperator
{
    T Accumulate<T>(T sum, T x) where T : struct, ILane<T>;

    T Finish<T>(T sum, int n) where T : struct, ILane<T>;

    T Apply<T>(T x, T statistic) where T : struct, ILane<T>;

    T AccumulateBackward<T>(T sum, T x, T y, T dy) where T : struct, ILane<T>;

    T FinishBackward<T>(T sum, int n, T statistic) where T : struct, ILane<T>;

    T ApplyBackward<T>(T x, T y, T dy, T statistic, T c) where T : struct, ILane<T>;
}

/// <summary>y = x Wᵀ along one axis. The executor supplies packed matrix products; the generator the layouts.</summary>
public interface IContraction;

/// <summary>
/// Hand-written kernels: static methods marked <see cref="LaunchAttribute"/>. Their parameters say what they touch, by name:
/// <list type="bullet">
/// <item><c>in Worker worker</c>, then <c>long unit</c> (own launch), or <c>long row, int rows</c> (<c>Units = "rows"</c>: a block of rows, part of a region)</item>
/// <item><c>Ref x</c>: the operand, output, saved value, scratch or parameter <c>x</c> of the rule (<c>IntRef</c> for integer operands); its first element</item>
/// <item><c>Ref dx</c>: the gradient of <c>x</c>. For activations it is written (=), for parameters accumulated (+=)</item>
/// <item><c>int xStride</c>: floats between rows of <c>x</c>, when it may be a view of a wider tensor</item>
/// <item><c>int t</c>: a dim of the rule, or an integer argument; <c>float eps</c>: a float argument; <c>long batch</c>: the batch size</item>
/// </list>
/// </summary>
public interface ITileOperator;
